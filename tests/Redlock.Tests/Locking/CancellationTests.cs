namespace Redlock.Fast.Tests;

public class CancellationTests(SharedNodes shared)
{
    public static TheoryData<int, Style> EachStyle =>
        new() { { 1, Style.Async }, { 3, Style.Async }, { 1, Style.Blocking }, { 3, Style.Blocking } };

    [Theory]
    [MemberData(nameof(EachStyle))]
    public async Task Cancelled_before_it_starts_it_takes_nothing(int nodes, Style style)
    {
        Calls cancelled = new(style, new CancellationToken(canceled: true));
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.TryLockAsync(mutex));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.LockAsync(mutex));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => cancelled.WithLockAsync(mutex, () => throw new InvalidOperationException("it ran")));
        Assert.All(await factory.StoredAsync(name), Assert.Null);
        Assert.All(mutex.LastAttemptByAnyone, outcome => Assert.Equal(NodeVote.NotAwaited, outcome.Vote));
    }

    [Theory]
    [MemberData(nameof(EachStyle))]
    public async Task A_cancelled_release_releases(int nodes, Style style)
    {
        Calls cancelled = new(style, new CancellationToken(canceled: true));
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name);
        LockResult taken = await Calls.In(style).TryLockAsync(mutex);
        Assert.True(taken.IsAcquired);
        try
        {
            // The nodes may be quicker than the look at the token.
            Assert.Equal(UnlockStatus.Released, await cancelled.UnlockAsync(mutex, taken.Token));
        }
        catch (OperationCanceledException)
        {
            // It was not waited for.
        }

        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    [Theory]
    [MemberData(nameof(EachStyle))]
    public async Task Cancelled_in_the_pause_it_returns_at_once_and_leaves_nothing(int nodes, Style style)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        using CancellationTokenSource cancellation = new();
        Calls calls = new(style, cancellation.Token);
        string name = Inspection.NewName();

        // All but the last node are held by somebody; that one would grant.
        for (int node = 0; node < Math.Max(1, nodes - 1); node++)
        {
            await factory.Node(node).SendAsync("SET", name, "someone", "PX", "600000");
        }

        using SemaphoreSlim pausing = new(0);
        RedlockMutex mutex = factory.PatientMutex(name, new MutexOptions
        {
            Expiry = TimeSpan.FromMinutes(5),
            DelayFunction = _ =>
            {
                pausing.Release();
                return TimeSpan.FromHours(1);
            },
        });
        Task<LockHandle> pending = calls.LockAsync(mutex);
        await pausing.WaitAsync(TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.SoonAsync());
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        IReadOnlyList<string?> stored = await factory.StoredAsync(name);
        Assert.All(stored.Take(Math.Max(1, nodes - 1)), value => Assert.Equal("someone", value));
        Assert.All(stored.Skip(Math.Max(1, nodes - 1)), Assert.Null);
    }

    [Theory]
    [MemberData(nameof(EachStyle))]
    public async Task Cancelled_at_any_moment_it_holds_or_leaves_nothing(int nodes, Style style)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(5) });
        int cancelled = 0;
        for (int cycle = 0; cycle < 200; cycle++)
        {
            using CancellationTokenSource cancellation = new();
            Calls calls = new(style, cancellation.Token);
            Task<LockResult> pending = calls.TryLockAsync(mutex);
            Thread.SpinWait(Random.Shared.Next(5000));
            await cancellation.CancelAsync();
            try
            {
                LockResult taken = await pending.SoonAsync();
                Assert.Equal(LockStatus.Acquired, taken.Status);
                Assert.Equal(UnlockStatus.Released, await Calls.In(style).UnlockAsync(mutex, taken.Token));
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"cancelled {cancelled} of 200");
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }
}
