using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What the copies of one token know of each other, use for use.</summary>
public sealed class HoldingTests : IDisposable
{
    private const int Factory = 7;

    private readonly ScriptedQuorum _quorum = new(1);
    private readonly LockToken _owner = new(Guid.NewGuid().ToByteArray());
    private readonly OperationPool<Holding> _pool = new(static pool => new Holding(pool, Factory));

    private MutexDefinition Mutex => field ??= _quorum.Mutex().Definition;

    // Late enough that it has not passed, and that it can be told when such a lock was taken.
    private long Deadline => _quorum.Clock.GetTimestamp() + (2 * Mutex.ValidityTicks);

    public void Dispose() => _quorum.Dispose();

    // What is held up in its send, and then not taken, must not make the node forgotten that another heal has reached meanwhile.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_that_was_not_sent_the_owner_after_all_stays_reached_if_another_heal_went_there(bool isReachedAgain)
    {
        Holding holding = _pool.Rent();
        uint use = holding.Begin(Mutex, Deadline);
        Assert.True(holding.TryReach(Mutex, use, 0b010));
        if (isReachedAgain)
        {
            holding.ReachAgain(use, 0b010);
        }

        holding.Miss(use, 0b010);
        Assert.Equal(isReachedAgain ? 0b010u : 0, holding.Reached(use));
        holding.Release(Mutex, use, _owner);
        uint next = holding.Begin(Mutex, Deadline);
        Assert.True(holding.TryReach(Mutex, next, 0b010));
        holding.Miss(next, 0b010);
        Assert.Equal(0u, holding.Reached(next));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_release_tells_since_when_it_was_held_if_that_is_known(bool isKnown)
    {
        Holding holding = _pool.Rent();
        long deadline = isKnown ? Deadline : 0;
        uint use = holding.Begin(Mutex, deadline, successions: 3);
        Surrender given = holding.Release(Mutex, use, _owner.Until(Mutex.ValidityTicks));
        Assert.Equal(ReleaseNews.All, given.News);
        Assert.Equal(_owner, given.Token);
        Assert.Equal(isKnown ? deadline : Mutex.ValidityTicks, given.Token.DeadlineTicks);
        Assert.Equal(isKnown ? deadline - Mutex.ValidityTicks : 0, given.SinceTicks);
        Assert.Equal(3, given.Successions);
        Assert.True(holding.IsOver(use));
        Assert.False(holding.IsDetached(use));
        Assert.Same(holding, _pool.Rent());
    }

    [Fact]
    public void What_extends_an_earlier_use_leaves_the_next_one_alone()
    {
        Holding holding = _pool.Rent();
        uint earlier = holding.Begin(Mutex, Deadline);
        Release(holding, earlier);
        long deadline = Deadline;
        uint use = holding.Begin(Mutex, deadline);
        Assert.NotEqual(earlier, use);
        holding.Extend(earlier, deadline + 1);
        Assert.False(holding.TryExtend(Mutex, earlier, deadline + 1));
        Assert.True(holding.TryGetDeadline(Mutex, use, out long newest));
        Assert.Equal(deadline, newest);
        Assert.False(holding.TryGetDeadline(Mutex, earlier, out _));
        Assert.Equal(ReleaseNews.Outcome, Release(holding, earlier));
        Assert.False(holding.IsOver(use));
    }

    [Fact]
    public void A_deadline_moves_on_and_never_back()
    {
        Holding holding = _pool.Rent();
        long deadline = Deadline;
        uint use = holding.Begin(Mutex, deadline);
        holding.Extend(use, deadline + 5);
        holding.Extend(use, deadline + 3);
        Assert.True(holding.TryExtend(Mutex, use, deadline + 4));
        Assert.True(holding.TryGetDeadline(Mutex, use, out long newest));
        Assert.Equal(deadline + 5, newest);
    }

    [Fact]
    public void What_was_told_to_be_lost_is_not_extended_and_not_told_again()
    {
        Holding holding = _pool.Rent();
        long deadline = Deadline;
        uint use = holding.Begin(Mutex, deadline);
        holding.Lose(use);
        holding.Extend(use, deadline + 1);
        Assert.False(holding.TryExtend(Mutex, use, deadline + 1));
        Assert.False(holding.TryGetDeadline(Mutex, use, out long newest));
        Assert.Equal(deadline, newest);
        Assert.False(holding.IsOver(use));
        Assert.Equal(ReleaseNews.None, Release(holding, use));
        Assert.Equal(ReleaseNews.None, Release(holding, use));
    }

    [Fact]
    public void What_has_passed_is_not_extended()
    {
        Holding holding = _pool.Rent();
        uint use = holding.Begin(Mutex, Deadline);
        _quorum.Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(holding.TryExtend(Mutex, use, Deadline));
    }

    [Fact]
    public void A_detached_use_is_the_last_one_and_stays_detached()
    {
        Holding holding = _pool.Rent();
        long deadline = Deadline;
        uint use = holding.Begin(Mutex, deadline);
        long deadlineTicks = deadline - 1;
        Assert.True(holding.TryDetach(Mutex, use, ref deadlineTicks));
        Assert.Equal(deadline, deadlineTicks);
        Assert.False(holding.TryDetach(Mutex, use, ref deadlineTicks));
        Assert.True(holding.IsDetached(use));
        Assert.True(holding.IsOver(use));
        Assert.False(holding.TryExtend(Mutex, use, deadline + 1));
        Assert.NotSame(holding, _pool.Rent());
        Assert.Equal(Factory, holding.Factory);
    }

    [Fact]
    public void It_is_no_business_of_a_mutex_of_another_name()
    {
        Holding holding = _pool.Rent();
        uint use = holding.Begin(Mutex, Deadline);
        MutexDefinition other = _quorum.Factory.CreateMutex("window").Definition;
        ArgumentException refused = Assert.Throws<ArgumentException>(() => holding.TryExtend(other, use, Deadline));
        Assert.Contains("'window': nothing was sent", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Release(holding, use, other));
        Assert.False(holding.IsOver(use));
    }

    private ReleaseNews Release(Holding holding, uint use, MutexDefinition? mutex = null) =>
        holding.Release(mutex ?? Mutex, use, _owner).News;
}
