namespace Redlock.Fast.Tests;

public class LongTimesTests(SharedNodes shared)
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(24);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MutexOptions> Longest => new(
        new MutexOptions { Expiry = _longest },
        new MutexOptions { Expiry = _longest, NodeTimeLimit = TimeSpan.FromDays(23) },
        new MutexOptions { Expiry = _longest, Renew = RenewOptions.Every(0.9, TimeSpan.FromDays(10_000)) },
        new MutexOptions { Expiry = _longest, Renew = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan), Factor = 0 });

    public static TheoryData<MutexOptions, string> TooLong => new()
    {
        { new MutexOptions { Expiry = TimeSpan.MaxValue }, nameof(MutexOptions.Expiry) },
        { new MutexOptions { Expiry = _longest + TimeSpan.FromTicks(1) }, nameof(MutexOptions.Expiry) },
        { new MutexOptions { Delay = TimeSpan.MaxValue }, nameof(MutexOptions.Delay) },
        { new MutexOptions { Delay = TimeSpan.MinValue }, nameof(MutexOptions.Delay) },
        { new MutexOptions { NodeTimeLimit = TimeSpan.MaxValue }, nameof(MutexOptions.NodeTimeLimit) },
        { new MutexOptions { NodeTimeLimit = Timeout.InfiniteTimeSpan }, nameof(MutexOptions.NodeTimeLimit) },
    };

    [Theory]
    [MemberData(nameof(Longest), DisableDiscoveryEnumeration = true)]
    public async Task A_lock_of_weeks_is_taken_watched_extended_and_released(MutexOptions options)
    {
        foreach (int nodes in (int[])[1, 3])
        {
            using RedlockFactory factory = await shared.ConnectAsync(nodes);
            RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), options);
            for (int turn = 0; turn < 20; turn++)
            {
                LockResult taken = mutex.TryLock(CancellationToken.None);
                Assert.Equal(LockStatus.Acquired, taken.Status);
                Assert.False(mutex.Lost(taken.Token).IsCancellationRequested);
                Assert.InRange(mutex.Remaining(taken.Token), TimeSpan.FromDays(23), _longest);
                Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Token)).Status);
                Assert.True(mutex.Extend(taken.Token, CancellationToken.None).IsExtended);
                Assert.Equal(
                    UnlockStatus.Released,
                    turn % 2 == 0 ? mutex.Unlock(taken.Token, CancellationToken.None) : await mutex.UnlockAsync(taken.Token, Token));
            }

            Assert.All(factory.Nodes, node => Assert.Equal(0, ((Resp.RespNode)node).Reconnects));
        }
    }

    [Fact]
    public async Task A_wait_of_weeks_between_two_tries_ends_with_the_caller_s_cancellation()
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        LockHandle held = await factory.PatientMutex(name).LockAsync(Token);
        MutexOptions[] waits =
        [
            new() { Delay = TimeSpan.FromDays(12) },
            new() { DelayFunction = static _ => TimeSpan.MaxValue },
        ];
        foreach (MutexOptions options in waits)
        {
            using CancellationTokenSource cancellation = new(TimeSpan.FromMilliseconds(50));
            RedlockMutex mutex = factory.CreateMutex(name, options);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await mutex.LockAsync(cancellation.Token));
        }

        await held.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(TooLong), DisableDiscoveryEnumeration = true)]
    public void What_no_timer_takes_is_refused_by_name(MutexOptions options, string name)
    {
        using ScriptedQuorum quorum = new(1);
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => quorum.Factory.CreateMutex("door", options));
        Assert.Equal($"options.{name}", refused.ParamName);
    }

    [Theory]
    [InlineData(10_001)]
    [InlineData(10_675_199)]
    public void A_hold_time_that_no_clock_counts_is_refused(int days) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RenewOptions.Every(0.5, TimeSpan.FromDays(days)));
}
