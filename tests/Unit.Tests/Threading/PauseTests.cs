using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

public class PauseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_delay_nodes_that_refuse_at_once_are_asked_a_hundred_times_a_second()
    {
        using ScriptedQuorum quorum = new(3);
        int asked = 0;
        quorum.Nodes[0].Sending = () => asked++;
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Refusal = RequestFailure.NotConnected;
        }

        using CancellationTokenSource cancellation = new();
        Task<LockHandle> locking = quorum.Mutex(new MutexOptions { Tries = int.MaxValue, Delay = TimeSpan.Zero }).LockAsync(
            cancellation.Token).AsTask();
        quorum.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(asked, 100, 101);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locking);
    }

    [Theory]
    [InlineData(ScriptedQuorum.Nil)]
    [InlineData("-LOADING wait\r\n")]
    public async Task Without_a_delay_nodes_that_answer_are_asked_again_at_once(string reply)
    {
        using ScriptedQuorum quorum = new(1);
        Task<LockHandle> locking = quorum.Mutex(new MutexOptions { Tries = 5, Delay = TimeSpan.Zero }).LockAsync(Token).AsTask();
        for (int attempt = 1; attempt <= 5; attempt++)
        {
            await Eventually.Holds(() => quorum.Nodes[0].Sent.Count(static frame => frame.IsAttempt) == attempt, "it is asked");
            int newest = quorum.Nodes[0].Sent.Count - 1;
            if (reply == ScriptedQuorum.Nil)
            {
                quorum.Nodes[0].Refuse(newest);
            }
            else
            {
                quorum.Nodes[0].Reply(newest, reply);
            }
        }

        Assert.Equal(5, (await Assert.ThrowsAsync<LockFailedException>(() => locking)).Tries);
    }

    // A thread may be held up anywhere between a timer's due moment and its callback.
    [Fact]
    public async Task A_ring_of_an_older_pause_ends_no_newer_one_and_moves_none()
    {
        LateClock clock = new();
        ScriptedChannel node = new("node", clock);
        using RedlockFactory factory = new(node);
        RedlockMutex mutex = factory.CreateMutex(
            "door", new MutexOptions { DelayFunction = static _ => TimeSpan.FromSeconds(1), Continuation = ContinuationMode.Inline });
        using CancellationTokenSource cancellation = new();
        ValueTask<LockHandle> first = mutex.LockAsync(cancellation.Token);
        node.Reply(0, ScriptedQuorum.Nil);
        Action late = clock.TakeRing();
        clock.Elapsed += TimeSpan.FromSeconds(1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first);

        ValueTask<LockHandle> second = mutex.LockAsync(Token);
        node.Reply(1, ScriptedQuorum.Nil);
        late();
        Assert.Equal(2, node.Sent.Count);
        Assert.Equal(TimeSpan.FromSeconds(1) + TimeSpan.FromTicks(1), clock.DueIn);
        clock.Elapsed += TimeSpan.FromSeconds(1);
        clock.TakeRing()();
        Assert.Equal(3, node.Sent.Count);
        node.Reply(2, ScriptedQuorum.Ok);
        Assert.True((await second).IsHeld);
    }

    [Fact]
    public async Task A_clock_that_rings_while_it_is_set_neither_recurs_nor_runs_a_try_under_the_gate()
    {
        bool isInside = false;
        ScriptedChannel node = new("node", new EagerClock()) { Sending = () => isInside |= EagerClock.IsRingingHere };
        using RedlockFactory factory = new(node);
        Task<LockHandle> locking = factory.CreateMutex(
            "door", new MutexOptions { Tries = 100, Delay = TimeSpan.Zero }).LockAsync(Token).AsTask();
        for (int attempt = 1; attempt <= 100; attempt++)
        {
            await Eventually.Holds(() => node.Sent.Count(static frame => frame.IsAttempt) == attempt, "it is asked");
            node.Refuse(node.Sent.Count - 1);
        }

        Assert.Equal(100, (await Assert.ThrowsAsync<LockFailedException>(() => locking)).Tries);
        Assert.False(isInside);
    }

    /// <summary>A clock whose rings the test holds back.</summary>
    private sealed class LateClock : TimeProvider
    {
        private TimerCallback? _callback;
        private object? _state;

        public TimeSpan Elapsed { get; set; } = TimeSpan.FromHours(1);

        public TimeSpan DueIn { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Elapsed.Ticks;

        public Action TakeRing()
        {
            Assert.NotNull(_callback);
            (TimerCallback callback, object? state) = (_callback, _state);
            return () => callback(state);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(this, callback, state);

        private sealed class Timer(LateClock clock, TimerCallback callback, object? state) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                (clock._callback, clock._state, clock.DueIn) = (callback, state, dueTime);
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
