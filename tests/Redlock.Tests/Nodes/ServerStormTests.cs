using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Servers that cut their clients off, stand still or have no memory left, under callers that go on.</summary>
public class ServerStormTests
{
    private const int Gusts = 30;

    public enum Storm
    {
        Kill = 0,
        Pause,
    }

    [Theory]
    [InlineData(1, Storm.Kill)]
    [InlineData(3, Storm.Kill)]
    [InlineData(1, Storm.Pause)]
    [InlineData(3, Storm.Pause)]
    public async Task Callers_lock_again_and_a_renewed_lock_stays(int nodes, Storm storm)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        RedlockOptions options = new() { Node = new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(40) } };
        string[] endpoints = [.. Enumerable.Range(0, nodes).Select(node => servers[node].Endpoint)];
        using RedlockFactory factory = RedlockFactory.Create(options, endpoints);
        using RedlockFactory weather = RedlockFactory.Create(options, endpoints);
        await Inspection.AllConnectedAsync(factory);
        await Inspection.AllConnectedAsync(weather);
        RedlockMutex renewed = factory.PatientMutex(
            "kept",
            MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(30), Renew = RenewOptions.Every(0.005, Timeout.InfiniteTimeSpan) });
        LockHandle kept = await renewed.LockAsync(TestContext.Current.CancellationToken);
        CancellationToken lost = kept.Lost;
        bool isOver = false;
        long cycles = 0;
        Task[] callers = Array.ConvertAll([Style.Async, Style.Blocking, Style.Async, Style.Blocking], style => Task.Run(async () =>
        {
            Calls calls = Calls.In(style) with { Token = CancellationToken.None };
            while (!Volatile.Read(ref isOver))
            {
                // A new name each time: what is left behind on a connection that was cut off stays until it expires.
                RedlockMutex mutex = factory.PatientMutex(
                    Inspection.NewName(), MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(10) });
                LockResult taken = await calls.TryLockAsync(mutex).SoonAsync();
                await calls.UnlockAsync(mutex, taken.Token).SoonAsync();
                Interlocked.Add(ref cycles, taken.IsAcquired ? 1 : 0);
            }
        }));
        for (int gust = 0; gust < Gusts; gust++)
        {
            for (int node = 0; node < nodes; node++)
            {
                string[] command = storm == Storm.Kill ? ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"] : ["CLIENT", "PAUSE", "20"];
                Assert.False((await AskAsync(weather.Node(node), command)).IsError);
            }

            long seen = Volatile.Read(ref cycles);
            await Eventually.Holds(() => Volatile.Read(ref cycles) > seen, "locks are taken again");
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(callers).SoonAsync();
        Assert.False(lost.IsCancellationRequested);
        Assert.True(kept.IsHeld);
        await Inspection.AllConnectedAsync(factory);
        await Eventually.Holds(async () =>
            await renewed.UnlockAsync(kept, TestContext.Current.CancellationToken) is UnlockStatus.Released
                or UnlockStatus.NotHeld, "it can be released");
        foreach (RespChannel node in factory.Nodes)
        {
            await Inspection.CaughtUpAsync((RespNode)node);
        }

        Assert.All(await factory.StoredAsync("kept"), Assert.Null);
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task Without_memory_left_what_is_held_is_extended_and_released(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", MutexOptions.NonBlocking);
        LockResult taken = await calls.TryLockAsync(mutex);
        await factory.AskAllAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await factory.AskAllAsync("CONFIG", "SET", "maxmemory", "1");
        Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(factory.PatientMutex("window", MutexOptions.NonBlocking))).Status);
        ExtendResult extended = await calls.ExtendAsync(mutex, taken.Token);
        Assert.True(extended.IsExtended, string.Join("; ", mutex.LastAttemptByAnyone));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, extended.Token));
        Assert.All(await factory.StoredAsync("door"), Assert.Null);
    }

    // The gust before may just have cut this connection off too.
    private static async Task<RespValue> AskAsync(RespNode node, string[] command)
    {
        RespValue answer = default!;
        await Eventually.Holds(async () =>
        {
            try
            {
                answer = await node.SendAsync(command);
                return true;
            }
            catch (RespRequestException)
            {
                return false;
            }
        }, $"{node} answers");
        return answer;
    }
}
