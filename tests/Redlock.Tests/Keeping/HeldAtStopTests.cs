using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

public class HeldAtStopTests(SharedNodes shared)
{
    private static readonly MutexOptions _kept = MutexOptions.NonBlocking with
    {
        Expiry = TimeSpan.FromSeconds(30),
        Renew = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan),
    };

    public static TheoryData<int, Style> Ends =>
        new() { { 1, Style.Async }, { 1, Style.Blocking }, { 3, Style.Async }, { 3, Style.Blocking } };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Kept_locks_are_released_and_their_handles_tell_the_truth(int nodes, Style style)
    {
        await using RedlockFactory onlooker = await shared.ConnectAsync(nodes);
        RedlockFactory factory = await shared.ConnectAsync(nodes, options: new RedlockOptions { StopTimeLimit = Eventually.Patience });
        string[] names = [Inspection.NewName(), Inspection.NewName(), Inspection.NewName()];
        LockHandle renewed = await factory.PatientMutex(names[0], _kept).LockAsync(TestContext.Current.CancellationToken);
        LockHandle watched = await factory.PatientMutex(names[1], _kept with { Renew = null }).LockAsync(
            TestContext.Current.CancellationToken);
        LockHandle plain = await factory.PatientMutex(names[2], _kept with { Renew = null }).LockAsync(
            TestContext.Current.CancellationToken);
        CancellationToken lost = watched.Lost;
        CancellationToken renewedLost = renewed.Lost;
        int losses = 0;
        List<HeldAtStopEventArgs> told = [];
        factory.LockLost += (_, _) => Interlocked.Increment(ref losses);
        factory.HeldAtStop += (sender, held) =>
        {
            Assert.Same(factory, sender);
            told.Add(held);
        };
        await EndAsync(factory, style);
        Assert.Equal((2, 2), (Assert.Single(told).Held, told[0].Released));
        Assert.True(lost.IsCancellationRequested && renewedLost.IsCancellationRequested);
        Assert.False(renewed.IsHeld || watched.IsHeld);
        Assert.True(renewed.Lost.IsCancellationRequested);
        Assert.Equal(0, Volatile.Read(ref losses));
        foreach (LockHandle handle in (LockHandle[])[renewed, watched, plain])
        {
            await handle.DisposeAsync();
            Using(handle);
        }

        Assert.All(await onlooker.StoredAsync(names[0]), Assert.Null);
        Assert.All(await onlooker.StoredAsync(names[1]), Assert.Null);

        // Nobody but its holder knows of this one.
        Assert.All(await onlooker.StoredAsync(names[2]), Assert.NotNull);
        await EndAsync(factory, style);
        Assert.Single(told);
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task They_are_left_to_their_expiry_where_that_is_wanted(Style style)
    {
        await using RedlockFactory onlooker = await shared.ConnectAsync(1);
        RedlockFactory factory = await shared.ConnectAsync(
            1, options: new RedlockOptions { StopTimeLimit = Eventually.Patience, KeptAtStop = KeptAtStop.Leave });
        string name = Inspection.NewName();
        LockHandle held = await factory.PatientMutex(name, _kept).LockAsync(TestContext.Current.CancellationToken);
        CancellationToken lost = held.Lost;
        List<HeldAtStopEventArgs> told = [];
        factory.HeldAtStop += (_, held) => told.Add(held);
        await EndAsync(factory, style);
        Assert.Equal((1, 0), (Assert.Single(told).Held, told[0].Released));
        Assert.True(held.IsHeld);
        Assert.False(lost.IsCancellationRequested);
        Assert.All(await onlooker.StoredAsync(name), Assert.NotNull);
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task A_node_that_does_not_answer_is_waited_for_no_longer_than_the_limit(Style style)
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions { StopTimeLimit = TimeSpan.FromMilliseconds(50) }, servers[0].Endpoint);
        await Inspection.AllConnectedAsync(factory);
        LockHandle held = await factory.PatientMutex("door", _kept).LockAsync(TestContext.Current.CancellationToken);
        List<HeldAtStopEventArgs> told = [];
        factory.HeldAtStop += (_, held) => told.Add(held);
        int unknown = 0;
        factory.ReleaseUnknown += (_, _) => Interlocked.Increment(ref unknown);
        servers[0].Pause();
        await EndAsync(factory, style).SoonAsync();
        Assert.Equal((1, 0), (Assert.Single(told).Held, told[0].Released));
        Assert.False(held.IsHeld);
        Assert.Equal(0, Volatile.Read(ref unknown));

        // It was sent all the same.
        servers[0].Resume();
        await using RespNode onlooker = RespNode.Connect(servers[0].Endpoint);
        await Eventually.Holds(async () => (await onlooker.SendAsync("EXISTS", "door")).Integer == 0, "the key is gone");
    }

    [Fact]
    public async Task Ended_while_locks_come_and_go_it_leaves_none_and_hangs_nobody()
    {
        for (int round = 0; round < 20; round++)
        {
            RedlockFactory factory = await shared.ConnectAsync(3, options: new RedlockOptions { StopTimeLimit = Eventually.Patience });
            RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), _kept);
            Task<int>[] workers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => CycleUntilDisposedAsync(mutex)))];
            await Task.Delay(round, TestContext.Current.CancellationToken);
            await factory.DisposeAsync();
            await Task.WhenAll(workers).SoonAsync();
        }
    }

    private static async Task<int> CycleUntilDisposedAsync(RedlockMutex mutex)
    {
        for (int cycle = 0; ; cycle++)
        {
            try
            {
                LockResult taken = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
                await taken.Handle.DisposeAsync();
            }
            catch (ObjectDisposedException)
            {
                return cycle;
            }
        }
    }

    private static async Task EndAsync(RedlockFactory factory, Style style)
    {
        if (style == Style.Async)
        {
            await factory.DisposeAsync();
        }
        else
        {
            await Task.Run(factory.Dispose);
        }
    }

    private static void Using(LockHandle handle)
    {
        using (handle)
        {
            Assert.False(handle.Token.IsDefault);
        }
    }
}
