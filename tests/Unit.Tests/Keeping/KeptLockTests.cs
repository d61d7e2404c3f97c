namespace Redlock.Fast.Unit.Tests;

/// <summary>One kept lock by itself: what is due when, and whose outcome changes it.</summary>
public sealed class KeptLockTests : IDisposable
{
    private readonly ScriptedQuorum _quorum = new(1);
    private readonly MutexDefinition _mutex;
    private readonly long _start;
    private readonly LockToken _token;
    private readonly KeptLock _kept;

    public KeptLockTests()
    {
        _kept = new KeptLock(_quorum.Clock, static _ => { });
        _mutex = _quorum.Mutex().Definition;
        _start = _quorum.Clock.GetTimestamp();
        _token = NewToken();
        _kept.Begin(_mutex, _token, _start);
    }

    public void Dispose() => _quorum.Dispose();

    [Fact]
    public void Extensions_that_come_back_in_the_other_order_move_no_deadline_back()
    {
        long later = _token.DeadlineTicks + 100;
        _kept.EndExtension(_token.Until(later), ExtendStatus.Extended, ExtensionBy.Caller, _start, _start);
        _kept.EndExtension(_token.Until(later - 50), ExtendStatus.Extended, ExtensionBy.Caller, _start, _start);
        Assert.Equal(later, _kept.Token.DeadlineTicks);
    }

    [Fact]
    public void What_was_asked_for_before_the_newest_granted_extension_is_outdated()
    {
        Assert.False(_kept.HasGrantedSince(long.MinValue));
        _kept.EndExtension(_token, ExtendStatus.Unavailable, ExtensionBy.Renewal, _start + 9, _start + 10);
        Assert.False(_kept.HasGrantedSince(_start));
        _kept.EndExtension(_token.Until(_token.DeadlineTicks + 5), ExtendStatus.Extended, ExtensionBy.Renewal, _start + 5, _start + 10);
        _kept.EndExtension(_token.Until(_token.DeadlineTicks + 3), ExtendStatus.Extended, ExtensionBy.Caller, _start + 3, _start + 11);
        Assert.True(_kept.HasGrantedSince(_start + 4));
        Assert.False(_kept.HasGrantedSince(_start + 5));
    }

    [Fact]
    public void A_renewal_under_way_is_ended_by_its_own_outcome_alone()
    {
        _kept.Renew(KeptQuorum.Always, _start);
        _kept.Ask(_start);
        _kept.EndExtension(_token.Until(_token.DeadlineTicks + 1), ExtendStatus.Extended, ExtensionBy.Caller, _start, _start);
        Assert.Equal(KeptLock.RenewalPhase.Asking, _kept.Phase);
        _kept.EndExtension(_token, ExtendStatus.Unavailable, ExtensionBy.Caller, _start, _start);
        Assert.Equal(KeptLock.RenewalPhase.Asking, _kept.Phase);
        _kept.Renew(KeptQuorum.Always, _start);
        Assert.Equal(KeptLock.RenewalPhase.Asking, _kept.Phase);
        Assert.Equal(_start + _kept.Mutex.NodeLimitTicks, _kept.DueTicks);
        _kept.EndExtension(_token.Until(_token.DeadlineTicks + 1), ExtendStatus.Extended, ExtensionBy.Renewal, _start, _start);
        Assert.Equal(KeptLock.RenewalPhase.Waiting, _kept.Phase);
        Assert.Equal(_start + KeptQuorum.Period.Ticks + 1, _kept.DueTicks);
    }

    [Theory]
    [InlineData(ExtendStatus.Extended)]
    [InlineData(ExtendStatus.Unavailable)]
    public void A_renewal_of_the_holder_before_changes_no_plan(ExtendStatus status)
    {
        _kept.EndExtension(_token, status, ExtensionBy.Renewal, _start, _start);
        Assert.Equal(KeptLock.RenewalPhase.None, _kept.Phase);
        Assert.Equal(_kept.LossTicks, _kept.DueTicks);
        _kept.Renew(KeptQuorum.Always, _start);
        long due = _kept.DueTicks;
        _kept.EndExtension(_token, status, ExtensionBy.Renewal, _start, _start);
        Assert.Equal(due, _kept.DueTicks);
    }

    [Fact]
    public void One_renewal_at_a_time_is_waited_for_to_the_end()
    {
        _kept.Renew(KeptQuorum.Always, _start);
        Assert.Equal(ExtensionBy.Renewal, _kept.Ask(_start));
        _kept.AskAgain(_start);
        Assert.Equal(ExtensionBy.RepeatedRenewal, _kept.Ask(_start));
        _kept.EndExtension(_token, ExtendStatus.Unavailable, ExtensionBy.RepeatedRenewal, _start, _start);
        Assert.Equal(KeptLock.RenewalPhase.Waiting, _kept.Phase);
        Assert.Equal(ExtensionBy.RepeatedRenewal, _kept.Ask(_start));
        _kept.EndExtension(_token.Until(_token.DeadlineTicks + 1), ExtendStatus.Extended, ExtensionBy.Renewal, _start, _start);
        Assert.Equal(KeptLock.RenewalPhase.Waiting, _kept.Phase);
        Assert.Equal(ExtensionBy.Renewal, _kept.Ask(_start));
    }

    [Fact]
    public void Nothing_is_tried_again_behind_the_loss()
    {
        _kept.Renew(KeptQuorum.Always, _start);
        _kept.Ask(_start);
        _kept.EndExtension(_token, ExtendStatus.Unavailable, ExtensionBy.Renewal, _start, _kept.LossTicks - 1);
        Assert.Equal(_kept.LossTicks, _kept.DueTicks);
    }

    [Fact]
    public void Used_again_it_knows_nothing_of_the_lock_before()
    {
        _kept.Renew(RenewOptions.Every(0.5, TimeSpan.FromTicks(1)), _start);
        Assert.Equal(LossReason.HeldTooLong, _kept.ReasonNow(_kept.LossTicks));
        using LossSource loss = new();
        _kept.Loss = loss;
        _kept.Lose(LossReason.Refused);
        _kept.End();
        LockToken next = NewToken();
        _kept.Begin(_mutex, next, _start);
        Assert.Equal(next, _kept.Token);
        Assert.False(_kept.IsLost);
        Assert.Null(_kept.Loss);
        Assert.Equal(KeptLock.RenewalPhase.None, _kept.Phase);
        Assert.Equal(LossReason.DeadlinePassed, _kept.ReasonNow(_kept.LossTicks));
    }

    private LockToken NewToken() => new LockToken(Guid.NewGuid().ToByteArray()).Until(_start + _mutex.ValidityTicks);
}
