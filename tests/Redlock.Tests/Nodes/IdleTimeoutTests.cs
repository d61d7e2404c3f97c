using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Servers that close each connection on which nothing was asked for a second.</summary>
[Trait("Waits", "long")]
public sealed class IdleTimeoutTests
{
    private const int Closings = 2;

    private static readonly TempRedisOptions _hasty = new() { Configuration = ["timeout 1"] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Callers_that_come_now_and_then_always_get_their_lock() => OneAndThreeAsync(VisitAllAsync);

    [Fact]
    public Task Renewed_locks_are_not_lost() => OneAndThreeAsync(KeepBothAsync);

    [Fact]
    public Task An_idle_node_is_connected_again_without_a_wait_each_time() => OneAndThreeAsync(IdleAsync);

    // Side by side, for they mostly wait.
    private static Task OneAndThreeAsync(Func<int, Task> test) => Task.WhenAll(test(1), test(3));

    private static async Task VisitAllAsync(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes, _hasty);

        // Each on connections of its own, which nobody else keeps busy.
        await Task.WhenAll(
            VisitAsync(servers, Calls.In(Style.Async)),
            VisitAsync(servers, Calls.In(Style.Blocking)),
            VisitAsync(servers, new Calls(Style.Async, CancellationToken.None)),
            VisitAsync(servers, new Calls(Style.Blocking, CancellationToken.None)));
    }

    // One is renewed before any connection is closed, the other always on a new one.
    private static async Task KeepBothAsync(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes, _hasty);
        TimeSpan sixSeconds = TimeSpan.FromSeconds(6);
        await Task.WhenAll(
            KeepAsync(servers, TimeSpan.FromSeconds(2), 1 / 3d, (factory, renewedBy) => renewedBy >= sixSeconds),
            KeepAsync(
                servers,
                TimeSpan.FromSeconds(60),
                1 / 24d,
                (factory, renewedBy) => renewedBy >= sixSeconds && factory.Node(0).Reconnects >= 2));
    }

    private static async Task IdleAsync(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes, _hasty);
        TimeSpan tenMinutes = TimeSpan.FromMinutes(10);
        using RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions { Node = new RespNodeOptions { ReconnectDelay = tenMinutes, MaxReconnectDelay = tenMinutes } },
            Enumerable.Range(0, nodes).Select(node => servers[node].Endpoint));
        await Inspection.AllConnectedAsync(factory);
        await Eventually.Holds(
            () => factory.Nodes.All(node => ((RespNode)node).Reconnects > Closings),
            "each node has been closed and connected again several times");
    }

    private static async Task VisitAsync(OwnServers servers, Calls calls)
    {
        using RedlockFactory factory = await servers.ConnectAllAsync();
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name);
        while (factory.Node(0).Reconnects < Closings)
        {
            LockHandle held = await calls.LockAsync(mutex).SoonAsync();
            Assert.True(held.IsHeld);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, held).SoonAsync());
            await Task.Delay(Random.Shared.Next(900, 2_200), Token);
        }
    }

    private static async Task KeepAsync(
        OwnServers servers, TimeSpan expiry, double fraction, Func<RedlockFactory, TimeSpan, bool> isLongEnough)
    {
        using RedlockFactory factory = await servers.ConnectAllAsync();
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(
            name, MutexOptions.Blocking with { Expiry = expiry, Renew = RenewOptions.Every(fraction, Timeout.InfiniteTimeSpan) });
        LockHandle kept = await mutex.LockAsync(Token);
        CancellationToken lost = kept.Lost;
        TimeProvider time = factory.Nodes[0].TimeProvider;
        await Eventually.Holds(() =>
        {
            Assert.False(lost.IsCancellationRequested);
            TimeSpan remainingUnrenewed = time.GetElapsedTime(time.GetTimestamp(), kept.Token.DeadlineTicks);
            return isLongEnough(factory, kept.Remaining - remainingUnrenewed);
        }, "it was renewed for long enough");
        Assert.True(kept.IsHeld);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(kept, Token));
        Assert.False(lost.IsCancellationRequested);
    }
}
