using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Torture;

/// <summary>
/// Kills every server in turn and starts it again without its data, over and over, under locks that are renewed: is one lost, or given to
/// another process too?
/// </summary>
internal sealed class RollingRun(TimeSpan duration, int seed)
{
    public const string Subcommand = "rolling";

    /// <summary>The longest on these servers, and so the quarantine of whoever locks on them.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(2);

    private const int Rivals = 2;

    private static readonly int[] _nodes = [3, 5];
    private static readonly TimeSpan _timeToEnd = TimeSpan.FromSeconds(30);

    // A renewal comes each third of the expiry; a busy machine and a dial that has failed just before take the rest.
    private static readonly TimeSpan _timeToHeal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);

    public static RedlockOptions Options { get; } = new()
    {
        RestartQuarantine = Expiry,
        Node = new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(300) },
    };

    public static MutexOptions MutexOptions { get; } = Redlock.Fast.MutexOptions.Blocking with { Expiry = Expiry, Fenced = true };

    /// <summary>A round is a restart of all servers; the last one begins before the time is over.</summary>
    /// <returns>Whether no lock was lost, nobody else was given one, and each was given on when it was released.</returns>
    public async Task<bool> RunAsync()
    {
        bool[] kept = await Task.WhenAll(_nodes.Select(RunAsync));
        return kept.All(isKept => isKept);
    }

    private async Task<bool> RunAsync(int nodes)
    {
        List<TempRedis> servers = [];
        List<ClientProcess> rivals = [];
        List<string> wrong = [];
        try
        {
            for (int node = 0; node < nodes; node++)
            {
                servers.Add(await TempRedis.StartAsync());
            }

            List<string> endpoints = servers.ConvertAll(server => server.Endpoint);
            await using RedlockFactory factory = RedlockFactory.Create(Options, endpoints);
            LockHandle held = await factory.CreateMutex(RivalClient.Name, MutexOptions with
            {
                Renew = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan),
            }).LockAsync();
            CancellationToken lost = held.Lost;
            for (int rival = 0; rival < Rivals; rival++)
            {
                rivals.Add(new ClientProcess(RivalClient.Subcommand, _ => endpoints));
            }

            int rounds = 0;
            Random random = new(seed + nodes);
            long start = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(start) < duration && !lost.IsCancellationRequested)
            {
                // In turns: so late that every key has expired meanwhile, and at once.
                double expiriesDown = rounds % 2 == 0 ? 1.05 : 0;
                foreach (int node in Enumerable.Range(0, nodes).OrderBy(_ => random.Next()))
                {
                    servers[node].Kill();
                    await Task.Delay(Expiry * (expiriesDown + (random.NextDouble() / 10)));
                    await servers[node].RestartAsync(NodeData.Lose);
                    if (!await IsHealedAsync((RespNode)factory.Nodes[node], held))
                    {
                        wrong.Add($"Node {node} of {nodes} does not have the lock again {_timeToHeal.TotalSeconds} s behind its restart.");
                    }
                }

                rounds++;
            }

            if (lost.IsCancellationRequested)
            {
                wrong.Add($"The lock on {nodes} nodes was lost in round {rounds}.");
            }

            long released = MonotonicTime.Shared.GetTimestamp();
            await held.DisposeAsync();
            await Task.Delay(Expiry);
            RivalReport[] reports = await FinishAsync(rivals);
            wrong.AddRange(reports.SelectMany(report => report.Check(released, held.FencingToken)));
            Console.WriteLine(
                $"rolling: {nodes} nodes, seed {seed}: {rounds} rounds, "
                + $"{reports.Sum(report => report.Attempts)} attempts of others in vain, "
                + $"{reports.Sum(report => report.Locks.Count)} locks of theirs behind the release");
        }
        finally
        {
            wrong.ForEach(Console.WriteLine);
            rivals.ForEach(rival => rival.Dispose());
            servers.ForEach(server => server.Dispose());
        }

        return wrong.Count == 0;
    }

    private static async Task<bool> IsHealedAsync(RespNode node, LockHandle held)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < _timeToHeal && held.IsHeld)
        {
            try
            {
                if ((await node.SendAsync(["GET", RivalClient.Name])).AsString() == held.Token.Value)
                {
                    return true;
                }
            }
            catch (RespRequestException)
            {
                // It is not connected yet.
            }

            await Task.Delay(_interval);
        }

        return false;
    }

    private static async Task<RivalReport[]> FinishAsync(List<ClientProcess> rivals)
    {
        using CancellationTokenSource limit = new(_timeToEnd);
        string[] outputs = await Task.WhenAll(rivals.Select(rival => rival.FinishAsync(limit.Token)));
        return Array.ConvertAll(outputs, RivalReport.Parse);
    }
}
