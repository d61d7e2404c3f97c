namespace Redlock.Fast.Unit.Tests;

/// <summary>Whoever observes a factory is told of every lock and release, where its caller takes the result.</summary>
public class LockObserverTests
{
    private readonly Recorder _recorder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_lock_and_release_is_told_by_name()
    {
        using ScriptedQuorum quorum = Observed();
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<LockResult> refused = mutex.TryLockAsync(Token);
        Assert.Single(_recorder.Told);
        quorum.ReplyAll(ScriptedQuorum.Nil);
        await refused;
        ValueTask<LockHandle> failing = mutex.LockAsync(Token);
        quorum.ReplyAll("-OOM no room\r\n");
        LockFailedException failed = await Assert.ThrowsAsync<LockFailedException>(async () => await failing);
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held.Token, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        await releasing;
        Assert.Equal(
            [
                "door: The lock 'door' was acquired (tries: 1).",
                "door: The lock 'door' is held by another owner (tries: 1).\n  node0: HeldByOther",
                $"door: {failed.Message}",
                "door: Released",
            ],
            _recorder.Told);
    }

    [Fact]
    public async Task A_release_that_is_posted_is_told_when_it_has_ended()
    {
        using ScriptedQuorum quorum = Observed();
        RedlockMutex mutex = quorum.Mutex(MutexOptions.NonBlocking with { Release = ReleaseMode.Posted });
        LockHandle held = await quorum.TakeAsync(mutex);
        await held.DisposeAsync();
        Assert.Single(_recorder.Told);
        quorum.ReplyAll(ScriptedQuorum.Done);
        await Eventually.Holds(() => _recorder.Told.Count == 2, "the release is told");
        Assert.Equal("door: Released", _recorder.Told[1]);
    }

    [Fact]
    public async Task What_its_caller_gave_up_is_not_told()
    {
        using ScriptedQuorum quorum = Observed();
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        using CancellationTokenSource cancellation = new();
        ValueTask<LockResult> trying = mutex.TryLockAsync(cancellation.Token);
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held.Token, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await trying);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await releasing);
        Assert.Single(_recorder.Told);
    }

    [Fact]
    public async Task Who_does_not_want_to_know_is_not_told()
    {
        _recorder.IsOn = false;
        using ScriptedQuorum quorum = Observed();
        await quorum.TakeAsync(quorum.Mutex());
        Assert.Empty(_recorder.Told);
    }

    [Theory]
    [InlineData(nameof(LockObserver.IsEnabled))]
    [InlineData(nameof(LockObserver.OnTried))]
    public async Task One_that_throws_takes_no_lock_from_anybody(string member)
    {
        _recorder.ThrowsIn = member;
        using ScriptedQuorum quorum = Observed();
        RedlockMutex mutex = quorum.Mutex();
        for (int cycle = 0; cycle < 3; cycle++)
        {
            LockHandle held = await quorum.TakeAsync(mutex);
            Assert.True(held.IsHeld);
            ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held.Token, Token);
            quorum.ReplyAll(ScriptedQuorum.Done);
            Assert.Equal(UnlockStatus.Released, await releasing);
        }
    }

    private ScriptedQuorum Observed() => new(1, new RedlockOptions { Observer = _recorder });

    private sealed class Recorder : LockObserver
    {
        private readonly Lock _gate = new();
        private readonly List<string> _told = [];

        public bool IsOn { get; set; } = true;

        public string? ThrowsIn { get; set; }

        public IReadOnlyList<string> Told
        {
            get
            {
                lock (_gate)
                {
                    return [.. _told];
                }
            }
        }

        public override bool IsEnabled => ThrowsIn == nameof(IsEnabled) ? throw new InvalidOperationException("on purpose") : IsOn;

        public override void OnTried(string name, in LockResult result) => Note($"{name}: {result}");

        public override void OnReleased(string name, UnlockStatus status) => Note($"{name}: {status}");

        private void Note(string text)
        {
            if (ThrowsIn == nameof(OnTried))
            {
                throw new InvalidOperationException("on purpose");
            }

            lock (_gate)
            {
                _told.Add(text);
            }
        }
    }
}
