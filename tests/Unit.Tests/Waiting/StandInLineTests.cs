using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

/// <summary>The stand-ins wake and hand on as servers do: nobody here would ask again within hours.</summary>
public class StandInLineTests
{
    private static readonly MutexOptions _unpolled = MutexOptions.Blocking with
    {
        Expiry = TimeSpan.FromHours(1),
        NodeTimeLimit = Eventually.Patience,
        Delay = TimeSpan.FromHours(5),
    };

    [Fact]
    public async Task Locks_inside_the_process_serve_in_turn()
    {
        const int Callers = 64;
        await using InProcessLocks locks = new();
        RedlockMutex mutex = locks.CreateMutex("door", _unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        List<int> served = [];
        Task[] all = new Task[Callers];
        for (int caller = 0; caller < Callers; caller++)
        {
            all[caller] = ServeAsync(mutex, caller, served);
            Assert.Equal(caller + 1, locks.Factory.Waiters);
        }

        await held.DisposeAsync();
        await Task.WhenAll(all).SoonAsync();
        Assert.Equal(Enumerable.Range(0, Callers), served);
    }

    [Fact]
    public async Task A_release_inside_the_process_wakes_without_a_succession_too()
    {
        await using InProcessLocks locks = new();
        RedlockMutex mutex = locks.CreateMutex("door", _unpolled with { SuccessionLimit = 0 });
        for (int turn = 0; turn < 100; turn++)
        {
            LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
            Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
            await held.DisposeAsync();
            await (await waiting.SoonAsync()).DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Nodes_in_memory_wake_who_waits_in_another_process(int nodes)
    {
        InMemoryNode[] memory = [.. Enumerable.Range(0, nodes).Select(_ => InMemoryNode.Start())];
        await using RedlockFactory one = new([.. memory.Select(node => new RespNode(node.Dialer, new RespNodeOptions()))]);
        await using RedlockFactory other = new([.. memory.Select(node => new RespNode(node.Dialer, new RespNodeOptions()))]);
        await Inspection.AllConnectedAsync(one);
        await Inspection.AllConnectedAsync(other);
        LockHandle held = await one.CreateMutex("door", _unpolled).LockAsync(TestContext.Current.CancellationToken);
        for (int turn = 0; turn < 20; turn++)
        {
            RedlockFactory next = turn % 2 == 0 ? other : one;
            Task<LockHandle> waiting = next.CreateMutex("door", _unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
            await Eventually.Holds(
                async () => (await one.AskAllAsync("EXISTS", "{door}:waiting")).Any(reply => reply.Integer == 1), "a node has the mark");
            await held.DisposeAsync();
            held = await waiting.SoonAsync();
        }

        await held.DisposeAsync();
        foreach (InMemoryNode node in memory)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_outage_inside_the_process_ends_a_wait_as_unavailable()
    {
        ManualTimeProvider clock = new();
        await using InProcessLocks locks = new(clock);
        RedlockMutex mutex = locks.CreateMutex("door", MutexOptions.Blocking with { Expiry = TimeSpan.FromHours(1) });
        await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Task<LockResult> waiting = mutex.TryLockAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken).AsTask();
        await Eventually.Holds(() => locks.Factory.Waiters == 1);
        locks.Stop();
        for (int second = 0; second < 11; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(LockStatus.Unavailable, (await waiting.SoonAsync()).Status);
    }

    private static async Task ServeAsync(RedlockMutex mutex, int caller, List<int> served)
    {
        await using LockHandle mine = await mutex.LockAsync(TestContext.Current.CancellationToken);
        served.Add(caller);
    }
}
