using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>
/// A client process of callers that block and never pause for long: one for each node, and one for a quorum, until the input is closed.
/// </summary>
/// <remarks>Nobody stops it, and nothing stands between it and the nodes: only what is done to a node excuses it.</remarks>
internal static class SteadyClient
{
    public const string Subcommand = "steady";

    public static async Task<int> RunAsync(string[] endpoints)
    {
        RespNodeOptions node = new()
        {
            SilenceLimit = TimeSpan.FromSeconds(1),
            ConnectTimeLimit = TimeSpan.FromSeconds(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(300),
        };
        List<RedlockFactory> factories = [];
        List<SteadyWorker> workers = [];
        for (int number = 0; number < endpoints.Length; number++)
        {
            factories.Add(RedlockFactory.Create(new RedlockOptions { Node = node }, endpoints[number]));
            workers.Add(new SteadyWorker(factories[^1], number));
        }

        factories.Add(RedlockFactory.Create(new RedlockOptions { Node = node }, endpoints));
        workers.Add(new SteadyWorker(factories[^1], SteadyEvent.AllNodes));
        workers.ForEach(worker => worker.Start());
        Pulse pulse = new((from, to) =>
            Console.WriteLine(new SteadyEvent(SteadyEventKind.Stall, SteadyEvent.AllNodes, from, to).ToLine()));

        // Closed by the parent, or by its end, however that comes about.
        await Console.In.ReadToEndAsync();
        long locks = 0;
        foreach (SteadyWorker worker in workers)
        {
            locks += worker.Finish();
        }

        pulse.Dispose();
        factories.ForEach(factory => factory.Dispose());
        Console.WriteLine(locks);
        return 0;
    }
}
