using Redlock.Fast.Testing;

namespace Redlock.Fast.Torture;

/// <summary>Several processes add to one set under a lock, and are paused for longer than it lasts: which updates are lost?</summary>
internal sealed class FencedRun(TortureOptions options)
{
    public const string Subcommand = "fenced";

    private const int Nodes = 3;
    private const int Clients = 4;

    private static readonly TimeSpan _timeToEnd = TimeSpan.FromSeconds(30);

    /// <summary>What the set does with tokens.</summary>
    public enum Tokens
    {
        /// <summary>There are none.</summary>
        None = 0,

        /// <summary>It refuses a smaller one than it has seen.</summary>
        Compared,
    }

    /// <summary>Runs half of the time without tokens and half with.</summary>
    /// <returns>Whether updates were lost without, and none with.</returns>
    public async Task<bool> RunAsync()
    {
        int lostWithout = await RunAsync(Tokens.None);
        int lostWith = await RunAsync(Tokens.Compared);
        return lostWithout > 0 && lostWith == 0;
    }

    private async Task<int> RunAsync(Tokens tokens)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("redlock-set-");
        List<TempRedis> servers = [];
        List<ClientProcess> clients = [];
        try
        {
            for (int node = 0; node < Nodes; node++)
            {
                servers.Add(await TempRedis.StartAsync());
            }

            string store = options.Postgres ?? Path.Combine(folder.FullName, "set.db");
            using SharedSet set = SharedSet.Create(store);
            for (int client = 0; client < Clients; client++)
            {
                IEnumerable<string> arguments = SetClient.Arguments(store, client, tokens, servers.Select(server => server.Endpoint));
                clients.Add(new ClientProcess(SetClient.Subcommand, _ => arguments));
            }

            int pauses = await PauseAsync(clients);
            string[] accepted = await FinishAsync(clients);
            HashSet<string> kept = [.. set.ReadAll()];
            int lost = accepted.Count(element => !kept.Contains(element));
            Console.WriteLine(
                $"fenced: tokens {tokens}, seed {options.Seed}: {accepted.Length} updates accepted, {lost} of them lost, {pauses} pauses");
            return lost;
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
            servers.ForEach(server => server.Dispose());
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> PauseAsync(List<ClientProcess> clients)
    {
        Random random = new(options.Seed);
        int pauses = 0;
        long start = TimeProvider.System.GetTimestamp();
        for (; TimeProvider.System.GetElapsedTime(start) < options.Duration / 2; pauses++)
        {
            await Task.Delay(SetClient.Expiry * random.NextDouble());
            await clients[random.Next(clients.Count)].PauseAsync(SetClient.Expiry * (1.2 + random.NextDouble()));
        }

        return pauses;
    }

    private static async Task<string[]> FinishAsync(List<ClientProcess> clients)
    {
        using CancellationTokenSource limit = new(_timeToEnd);
        string[] outputs = await Task.WhenAll(clients.Select(client => client.FinishAsync(limit.Token)));
        const StringSplitOptions Lines = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return [.. outputs.SelectMany(output => output.Split('\n', Lines))];
    }
}
