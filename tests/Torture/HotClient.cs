using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>A client process: a few workers that want the same few names, until the input is closed.</summary>
internal static class HotClient
{
    public const string Subcommand = "client";

    private const int Workers = 4;

    /// <summary>What to start it with: the history file, a seed, how many names, a sabotage, and the endpoints.</summary>
    public static string[] Arguments(string historyPath, int seed, int names, Sabotage sabotage, IEnumerable<string> endpoints) =>
    [
        historyPath,
        seed.ToString(CultureInfo.InvariantCulture),
        names.ToString(CultureInfo.InvariantCulture),
        sabotage.ToString(),
        .. endpoints,
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        int seed = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        int names = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        Sabotage sabotage = Enum.Parse<Sabotage>(arguments[3]);

        // Short, so that a half-open connection is given up many times in a run.
        RespNodeOptions node = new()
        {
            SilenceLimit = TimeSpan.FromSeconds(1),
            ConnectTimeLimit = TimeSpan.FromSeconds(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(300),
        };
        await using RedlockFactory factory = RedlockFactory.Create(new RedlockOptions { Node = node }, arguments[4..]);
        using HistoryLog history = new(arguments[0]);
        using CancellationTokenSource end = new();
        List<HotWorker> workers = [];
        for (int worker = 0; worker < Workers; worker++)
        {
            workers.Add(new HotWorker(factory, names, new Random((seed * Workers) + worker), history, sabotage));
        }

        Task<ClientCounts>[] running = workers.ConvertAll(worker => Task.Run(() => worker.RunAsync(end.Token))).ToArray();

        // Closed by the parent, or by its end, however that comes about.
        await Console.In.ReadToEndAsync();
        await end.CancelAsync();
        ClientCounts total = default;
        foreach (ClientCounts counts in await Task.WhenAll(running))
        {
            total += counts;
        }

        Console.WriteLine(total.ToLine());
        return 0;
    }
}
