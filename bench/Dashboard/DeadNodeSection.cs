namespace Redlock.Fast.Bench;

/// <summary>One node of five stopped, against all healthy, interleaved.</summary>
internal static class DeadNodeSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        await using RedlockFactory factory = RedlockFactory.Create(servers.Endpoints("tcp", 5));
        await factory.WaitUntilConnectedAsync();
        RedlockMutex mutex = factory.CreateMutex("dead-node-name", MutexOptions.NonBlocking);
        double[] samples = new double[400];
        List<double> ratios = [];
        for (int round = -3; round < (quick ? 7 : 30); round++)
        {
            Cycle.Asynchronous(mutex, samples);
            double healthy = Statistics.Percentile(samples, 50);
            servers[4].Pause();
            Cycle.Asynchronous(mutex, samples);
            double oneStopped = Statistics.Percentile(samples, 50);
            servers[4].Resume();

            // What gathered on the node is worked off before the next round.
            while (factory.Nodes.OfType<Resp.RespNode>().Any(node => node.Pending > 0))
            {
                await Task.Delay(1);
            }

            if (round >= 0)
            {
                ratios.Add(oneStopped / healthy);
            }
        }

        report.Add("dead_node.tcp.n5.p50_ratio", Statistics.Median(ratios), Goal.Most(1.10));
    }
}
