namespace Redlock.Fast.Bench;

/// <summary>A cycle whose release nobody waits for, one at a time, against the floor, which waits for both.</summary>
internal static class PostedSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        foreach (int nodes in new[] { 1, 3, 5 })
        {
            string[] endpoints = servers.Endpoints("tcp", nodes);
            await using RedlockFactory factory = RedlockFactory.Create(endpoints);
            await factory.WaitUntilConnectedAsync();
            using Floor floor = new(endpoints, "floor-cycle-name", MutexOptions.NonBlocking.Expiry);
            (string, Action<double[]>)[] variants = [("floor", samples => Cycle.Floor(floor, samples)), CycleRounds.Posted(factory)];
            CycleRounds rounds = CycleRounds.Run(variants, quick ? 4 : 10, quick ? 6 : 80);
            report.Add($"cycle.posted.tcp.n{nodes}.p50_ratio", rounds.MedianRatio(1), Goal.Most(0.60));
            report.Add($"cycle.posted.tcp.n{nodes}.p99_ratio", rounds.TailRatio(1));
        }
    }
}
