using System.Collections.Concurrent;
using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Releases that nobody waits for, over nodes that answer when the test says so.</summary>
public class PostedReleaseTests
{
    private const string Loading = "-LOADING wait\r\n";

    private static readonly MutexOptions _posting = MutexOptions.NonBlocking with { Release = ReleaseMode.Posted };

    private readonly ConcurrentQueue<string> _told = [];

    public enum Way
    {
        Disposal = 0,
        BlockingDisposal,
        Post,
    }

    public static TheoryData<Way> Ways => [.. Enum.GetValues<Way>()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task It_goes_to_every_node_ahead_of_the_next_lock_and_is_not_waited_for(Way way)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(_posting);
        LockHandle held = await quorum.TakeAsync(mutex);
        Post(mutex, held, way);
        Assert.False(held.IsHeld);
        ValueTask<LockResult> next = mutex.TryLockAsync(Token);
        Assert.All(quorum.Nodes, node =>
        {
            Assert.Equal(["EVALSHA", RedlockScripts.Release.Sha1, "2", "door", "{door}:waiting", held.Value], node.Sent[1].Arguments);
            Assert.Equal(RequestPriority.Reserved, node.Sent[1].Request.Priority);
            Assert.Equal("SET", node.Sent[2].Arguments[0]);
        });
        Assert.True(quorum.Factory.ArePostedPending);
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        quorum.ReplyAllAt(2, ScriptedQuorum.Ok);
        Assert.True((await next).IsAcquired);
        await Eventually.Holds(() => !quorum.Factory.ArePostedPending);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task One_that_no_quorum_confirms_is_told(Way way)
    {
        using ScriptedQuorum quorum = Listening();
        RedlockMutex mutex = quorum.Mutex(_posting);
        LockHandle held = await quorum.TakeAsync(mutex);
        Post(mutex, held, way);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Fail(1, RequestFailure.ConnectionLost);
        quorum.Nodes[2].Fail(1, RequestFailure.TimedOut);
        await Eventually.Holds(() => !_told.IsEmpty, "it is told");
        Assert.Equal(["unknown door: Granted Failed Failed"], _told);
        await Eventually.Holds(() => !quorum.Factory.ArePostedPending);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task One_that_no_node_takes_is_told(Way way)
    {
        using ScriptedQuorum quorum = Listening();
        RedlockMutex mutex = quorum.Mutex(_posting);
        LockHandle held = await quorum.TakeAsync(mutex);
        Array.ForEach(quorum.Nodes, node => node.Refusal = RequestFailure.QueueFull);
        Post(mutex, held, way);
        await Eventually.Holds(() => !_told.IsEmpty, "it is told");
        Assert.Equal(["unknown door: Failed Failed Failed"], _told);
        await Eventually.Holds(() => !quorum.Factory.ArePostedPending);
    }

    [Fact]
    public async Task One_that_comes_too_late_is_told_as_outlasted()
    {
        using ScriptedQuorum quorum = Listening();
        LockHandle held = await quorum.TakeAsync(quorum.Mutex(_posting));
        quorum.Clock.Advance(KeptQuorum.Validity + TimeSpan.FromSeconds(1));
        await held.DisposeAsync();
        quorum.ReplyAll(Loading);
        await Eventually.Holds(() => !_told.IsEmpty, "it is told");
        Assert.Equal(["outlasted door"], _told);
    }

    [Fact]
    public async Task A_kept_lock_is_renewed_no_more_and_a_lost_one_makes_no_second_event()
    {
        using ScriptedQuorum quorum = Listening();
        RedlockMutex mutex = quorum.Mutex(_posting with { Renew = KeptQuorum.Always });
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        await held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance(2 * KeptQuorum.Validity);
        Assert.Equal(0, quorum.Extensions());
        Assert.False(lost.IsCancellationRequested);

        held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.Someone);
        Assert.False(held.IsHeld);
        await Eventually.Holds(() => _told.Contains("lost door"));
        await held.DisposeAsync();
        quorum.ReplyAll(Loading);
        await Eventually.Holds(() => !quorum.Factory.ArePostedPending);
        await WitnessAsync(quorum);
        Assert.Equal(["lost door", "unknown witness: Failed Failed NotAwaited"], _told);
    }

    [Fact]
    public async Task What_holds_nothing_sends_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(_posting);
        Assert.False(mutex.PostUnlock(default));
        await mutex.Attach(default).DisposeAsync();
        LockHandle held = await quorum.TakeAsync(mutex);
        held.Detach();
        Assert.False(mutex.PostUnlock(held));
        await held.DisposeAsync();
        held.Dispose();
        Assert.Equal(0, quorum.Releases());
        held = await quorum.TakeAsync(mutex);
        Assert.Throws<ArgumentException>(() => quorum.Factory.CreateMutex("window").PostUnlock(held));
        quorum.Factory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => mutex.PostUnlock(held));
    }

    [Fact]
    public async Task Both_ways_of_running_a_function_post_their_release()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(_posting);
        ValueTask<WithLockResult> ran = mutex.WithLockAsync(static _ => ValueTask.CompletedTask, Token);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        Assert.True(await ran);
        Assert.True(quorum.Factory.ArePostedPending);
        quorum.ReplyAll(ScriptedQuorum.Done);
        await Eventually.Holds(() => !quorum.Factory.ArePostedPending);

        // The blocking one is answered from the side.
        Task<WithLockResult> blocking = Task.Run(() => mutex.WithLock(static () => { }, Token), Token);
        await Eventually.Holds(() => quorum.Nodes[0].Sent.Count == 3);
        quorum.Nodes[0].Reply(2, ScriptedQuorum.Ok);
        Assert.True(await blocking.SoonAsync());
        Assert.True(quorum.Factory.ArePostedPending);
        quorum.Nodes[0].Reply(3, ScriptedQuorum.Done);
    }

    [Fact]
    public async Task Who_is_next_in_line_has_the_lock_within_it()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Release = ReleaseMode.Posted });
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockHandle> waiting = mutex.LockAsync(Token).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Assert.Equal(1, quorum.Factory.Waiters);
        await held.DisposeAsync();
        Assert.All(quorum.Nodes, node => Assert.Equal(held.Value, node.Attempted().Arguments[^1]));
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.True((await waiting.SoonAsync()).IsHeld);
        Assert.Equal(0, quorum.Factory.Waiters);
        await Eventually.Holds(() => !quorum.Factory.ArePostedPending);
    }

    [Fact]
    public async Task Listeners_never_run_on_the_thread_that_brings_the_reply()
    {
        string name = Guid.NewGuid().ToString();
        int reader = 0;
        TaskCompletionSource<int> listener = new();
        using ActivityListener spans = new()
        {
            ShouldListenTo = source => source.Name == RedlockTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.OperationName == "release" && name.Equals(span.GetTagItem("redlock.name")))
                {
                    Assert.Equal("Released", span.GetTagItem("redlock.status"));
                    listener.SetResult(Environment.CurrentManagedThreadId);
                }
            },
        };
        ActivitySource.AddActivityListener(spans);
        using ScriptedQuorum quorum = new(1);
        LockHandle held = await quorum.TakeAsync(quorum.Factory.CreateMutex(name, _posting));
        await held.DisposeAsync();
        Thread reading = new(() =>
        {
            reader = Environment.CurrentManagedThreadId;
            quorum.ReplyAll(ScriptedQuorum.Done);
        });
        reading.Start();
        int listened = await listener.Task.SoonAsync();
        reading.Join();
        Assert.NotEqual(reader, listened);
    }

    private static void Post(RedlockMutex mutex, LockHandle held, Way way)
    {
        switch (way)
        {
            case Way.Disposal:
                ValueTask disposing = held.DisposeAsync();
                Assert.True(disposing.IsCompletedSuccessfully);
                break;
            case Way.BlockingDisposal:
                held.Dispose();
                break;
            default:
                Assert.True(mutex.PostUnlock(held));
                break;
        }
    }

    // Events are told on the pool; what was told before this one has had its turn when it comes.
    private async Task WitnessAsync(ScriptedQuorum quorum)
    {
        RedlockMutex witness = quorum.Factory.CreateMutex("witness", _posting with { Continuation = ContinuationMode.Inline });
        LockHandle held = await quorum.TakeAsync(witness);
        await held.DisposeAsync();
        quorum.ReplyAll(Loading);
        await Eventually.Holds(() => _told.Any(told => told.Contains("witness", StringComparison.Ordinal)), "the witness is told");
    }

    private ScriptedQuorum Listening()
    {
        ScriptedQuorum quorum = new(3);
        quorum.Factory.LockLost += (_, loss) => _told.Enqueue($"lost {loss.Name}");
        quorum.Factory.LockOutlasted += (_, late) => _told.Enqueue($"outlasted {late.Name}");
        quorum.Factory.ReleaseUnknown += (_, release) =>
            _told.Enqueue($"unknown {release.Name}: {string.Join(' ', release.Nodes.Select(node => node.Vote))}");
        return quorum;
    }
}
