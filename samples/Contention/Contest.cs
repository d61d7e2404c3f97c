using System.Diagnostics;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Contention;

/// <summary>Rounds in which all workers of all processes want one name at the same moment, and each has it once.</summary>
internal static class Contest
{
    public const int Processes = 3;
    public const int WorkersAProcess = 2;
    public const int Rounds = 16;

    /// <summary>Between two tries of a waiter whom nobody wakes; each is random between half of it and one and a half.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan _betweenRounds = TimeSpan.FromMilliseconds(10);

    /// <param name="nodes">The nodes to lock on.</param>
    /// <param name="options">Of each factory, which stands for a process: they share nothing but the nodes.</param>
    /// <returns>All turns in the order in which they were held.</returns>
    public static async Task<IReadOnlyList<Turn>> RunAsync(IReadOnlyList<InMemoryNode> nodes, RedlockOptions options)
    {
        List<RedlockFactory> factories = [];
        try
        {
            List<Worker> workers = [];
            for (int process = 0; process < Processes; process++)
            {
                RedlockFactory factory = RedlockFactory.Create(options, nodes.Select(node => node.Endpoint));
                factories.Add(factory);
                foreach (RespChannel node in factory.Nodes)
                {
                    await node.WaitUntilConnectedAsync();
                }

                RedlockMutex mutex = factory.CreateMutex("the-one-name", MutexOptions.Blocking with { Delay = Delay });
                for (int worker = 1; worker <= WorkersAProcess; worker++)
                {
                    workers.Add(new Worker(mutex, (char)('A' + process), worker));
                }
            }

            return await RunAsync(workers);
        }
        finally
        {
            foreach (RedlockFactory factory in factories)
            {
                await factory.DisposeAsync();
            }
        }
    }

    private static async Task<IReadOnlyList<Turn>> RunAsync(List<Worker> workers)
    {
        // The first round is not told: code is compiled in it, and connections that hear are made.
        await Task.WhenAll(workers.Select(worker => worker.TakeAsync(0, Stopwatch.GetTimestamp())));
        List<Turn> turns = [];
        long start = Stopwatch.GetTimestamp();
        for (int round = 1; round <= Rounds; round++)
        {
            await Task.Delay(_betweenRounds);
            turns.AddRange(await Task.WhenAll(workers.Select(worker => worker.TakeAsync(round, start))));
        }

        return [.. turns.OrderBy(turn => turn.Held)];
    }
}
