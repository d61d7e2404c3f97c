using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>
/// A client process that takes the same names as redsync and its like do: SET on each node and a delete by its value, without a mark
/// or a word to those who wait.
/// </summary>
internal static class ForeignClient
{
    public const string Subcommand = "foreign";

    /// <summary>What to start it with: the history file, a seed, how many names, and the endpoints.</summary>
    public static string[] Arguments(string historyPath, int seed, int names, IEnumerable<string> endpoints) =>
    [
        historyPath,
        seed.ToString(CultureInfo.InvariantCulture),
        names.ToString(CultureInfo.InvariantCulture),
        .. endpoints,
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        int seed = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        int names = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        await using RedlockFactory factory = RedlockFactory.Create(new RedlockOptions { Node = HotClient.Node }, arguments[3..]);
        using HistoryLog history = new(arguments[0]);
        using Pulse pulse = new(history.Stall, history.Beat);
        using CancellationTokenSource end = new();
        ForeignWorker worker = new([.. factory.Nodes.Cast<RespNode>()], names, new Random(seed), history);
        Task running = Task.Run(() => worker.RunAsync(end.Token));
        await Console.In.ReadToEndAsync();
        await end.CancelAsync();
        await running;
        return 0;
    }
}
