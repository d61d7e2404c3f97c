using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>What one more connected node costs: managed heap and resident memory, its thread included.</summary>
internal static class MemorySection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(1);
        TcpDialer dialer = new("127.0.0.1", servers[0].Port);
        const int nodes = RedlockFactory.MaxNodes;
        List<RespNode> connected = [.. await ConnectAsync(dialer, nodes, "warm")];
        List<double> managedEach = [], residentEach = [];
        for (int batch = 0; batch < (quick ? 3 : 9); batch++)
        {
            (long managed, long resident) = Measure();
            connected.AddRange(await ConnectAsync(dialer, nodes, $"batch-{batch}"));
            (long managedAfter, long residentAfter) = Measure();
            managedEach.Add((managedAfter - managed) / 1024.0 / nodes);
            residentEach.Add((residentAfter - resident) / 1024.0 / nodes);
        }

        report.Add("memory.per_node_managed_kib", Statistics.Median(managedEach));
        report.Add("memory.per_node_kib", Statistics.Median(residentEach), Goal.Most(64));
        foreach (RespNode node in connected)
        {
            node.Dispose();
        }
    }

    private static async Task<RespNode[]> ConnectAsync(TcpDialer dialer, int count, string name)
    {
        RespNode[] nodes = [.. Enumerable.Range(0, count).Select(index => new RespNode(Dialer.From($"{name}-{index}", dialer.DialAsync)))];
        foreach (RespNode node in nodes)
        {
            await node.WaitUntilConnectedAsync();
        }

        // Once through the whole path, so that what a first cycle makes is counted.
        RedlockFactory factory = new(nodes[0]);
        RedlockMutex mutex = factory.CreateMutex(name);
        mutex.Unlock(mutex.TryLock().Token);
        return nodes;
    }

    private static (long Managed, long Resident) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using Process self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), self.WorkingSet64);
    }
}
