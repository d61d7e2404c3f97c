using Redlock.Fast.Resp;


namespace Redlock.Fast.Unit.Tests;

/// <summary>The timer of one kept lock: when it is set, and that its rings are harmless.</summary>
public sealed class KeptLockTimerTests : IDisposable
{
    private readonly ScriptedQuorum _quorum = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _quorum.Dispose();

    [Fact]
    public void It_is_set_again_only_for_an_earlier_moment()
    {
        CountingTimeProvider clock = new();
        KeptLock kept = new(clock, static _ => { });
        MutexDefinition mutex = _quorum.Mutex().Definition;
        long now = clock.GetTimestamp();
        kept.Begin(mutex, new LockToken(Guid.NewGuid().ToByteArray()).Until(now + mutex.ValidityTicks), now);
        kept.SetTimer(now);
        Assert.Equal(1, clock.Armed);
        kept.SetTimer(now);
        kept.Extend(now + (2 * mutex.ValidityTicks));
        kept.SetTimer(now);
        Assert.Equal(1, clock.Armed);
        kept.Renew(KeptQuorum.Always, now);
        kept.Ask(now);
        kept.SetTimer(now);
        Assert.Equal(2, clock.Armed);
        kept.ClearTimer();
        kept.SetTimer(now);
        Assert.Equal(3, clock.Armed);
    }

    [Fact]
    public async Task A_lock_that_takes_the_place_of_another_is_renewed_in_its_own_time()
    {
        RedlockMutex mutex = _quorum.KeepingMutex();
        for (int turn = 0; turn < 5; turn++)
        {
            LockHandle held = await _quorum.TakeAsync(mutex);
            _quorum.Clock.Advance(KeptQuorum.Period / 2);
            ValueTask releasing = held.DisposeAsync();
            _quorum.ReplyAll(ScriptedQuorum.Done);
            await releasing;
            Assert.Equal(0, _quorum.Extensions());
        }

        LockHandle last = await _quorum.TakeAsync(mutex);
        _quorum.Clock.Advance(KeptQuorum.Period - TimeSpan.FromTicks(1));
        Assert.Equal(0, _quorum.Extensions());
        _quorum.Clock.Advance(TimeSpan.FromTicks(2));
        Assert.Equal(1, _quorum.Extensions());
        Assert.True(last.IsHeld);
    }

    [Fact]
    public async Task A_clock_that_rings_while_it_is_set_sends_nothing_under_the_gate()
    {
        bool isInside = false;
        ScriptedChannel node = new("node", new EagerClock()) { Sending = () => isInside |= EagerClock.IsRingingHere };
        using RedlockFactory factory = new(node);
        RedlockMutex mutex = factory.CreateMutex("door", new MutexOptions { Continuation = ContinuationMode.Inline });
        ValueTask<LockHandle> pending = mutex.LockAsync(Token);
        node.Reply(0, ScriptedQuorum.Ok);
        LockHandle held = await pending;

        // Of a text no deadline is known, so its renewal is due at once.
        Assert.True(mutex.KeepAlive(LockToken.Parse(held.Value), KeptQuorum.Always));
        await Eventually.Holds(() => node.Sent.Count == 2, "it is renewed");
        Assert.False(isInside);
    }
}
