using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>A client process: workers that try and workers that wait for the same few names, until the input is closed.</summary>
internal static class HotClient
{
    public const string Subcommand = "client";

    private const int TryingWorkers = 4;
    private const int WaitingWorkers = 4;

    // Workers that block must not keep those that await from going on.
    private const int LeastThreads = 16;

    /// <summary>Short, so that a half-open connection is given up many times in a run.</summary>
    public static RespNodeOptions Node { get; } = new()
    {
        SilenceLimit = TimeSpan.FromSeconds(1),
        ConnectTimeLimit = TimeSpan.FromSeconds(1),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(300),
    };

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
        ThreadPool.SetMinThreads(LeastThreads, LeastThreads);
        await using RedlockFactory factory = RedlockFactory.Create(new RedlockOptions { Node = Node }, arguments[4..]);
        using HistoryLog history = new(arguments[0]);
        using Pulse pulse = new(history.Stall, history.Beat);
        using CancellationTokenSource end = new();
        List<HotWorker> workers = [];
        for (int worker = 0; worker < TryingWorkers + WaitingWorkers; worker++)
        {
            Random random = new((seed * (TryingWorkers + WaitingWorkers)) + worker);
            IEnumerable<HotMutex> mutexes = worker < TryingWorkers ? HotMutex.ForTrying(factory, names) : HotMutex.ForWaiting(factory);
            workers.Add(new HotWorker(mutexes, random, history, new HotCalls(random, history), sabotage));
        }

        Task[] running = workers.ConvertAll(worker => Task.Run(() => worker.RunAsync(end.Token))).ToArray();

        // Closed by the parent, or by its end, however that comes about.
        await Console.In.ReadToEndAsync();
        await end.CancelAsync();
        await Task.WhenAll(running);
        return 0;
    }
}
