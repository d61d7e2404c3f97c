using System.Globalization;
using Spectre.Console;

namespace Redlock.Fast.Contention;

/// <summary>Puts both contests on the screen, or into a file as plain text.</summary>
internal sealed class Screen
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
    });

    public void WriteBeginning()
    {
        _console.MarkupLineInterpolated(
            $"[bold]{Contest.Processes} processes of {Contest.WorkersAProcess} workers[/] want one name, {Contest.Rounds} rounds long.");
        Console.WriteLine(
            $"A character is {Lanes.Step.TotalMilliseconds:0} ms: {Lanes.Waiting} waits, {Lanes.Holding} holds. "
            + "A worker waits without wakes by asking about every "
            + $"{Contest.Delay.TotalMilliseconds:0} ms.");
    }

    public void WriteLanes(string title, IReadOnlyList<Turn> turns)
    {
        _console.WriteLine();
        _console.MarkupLineInterpolated($"[bold]{title}[/]");

        // As it is: what would be broken into lines is no lane any more.
        foreach (string lane in Lanes.Draw(turns))
        {
            Console.WriteLine(lane);
        }
    }

    public void WriteFigures(IReadOnlyList<Turn> woken, IReadOnlyList<Turn> asking)
    {
        Table table = new() { Border = TableBorder.Rounded };
        table.AddColumn("From a release to the next holder");
        table.AddColumn(new TableColumn("wakes on").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("wakes off").RightAligned().NoWrap());
        table.AddRow("of another process: median", Median(HandOvers.Between(woken)), Median(HandOvers.Between(asking)));
        table.AddRow("of another process: p99", Percentile99(HandOvers.Between(woken)), Percentile99(HandOvers.Between(asking)));
        table.AddRow("of the same process: median", Median(HandOvers.Within(woken)), Median(HandOvers.Within(asking)));
        table.AddRow("of the same process: p99", Percentile99(HandOvers.Within(woken)), Percentile99(HandOvers.Within(asking)));
        table.AddRow("all rounds", Seconds(woken), Seconds(asking));
        _console.WriteLine();
        _console.Write(table);
    }

    public void WriteVerdict(IReadOnlyList<string> broken)
    {
        foreach (string promise in broken)
        {
            _console.MarkupLineInterpolated($"[red]FAILED[/] {promise}");
        }

        if (broken.Count == 0)
        {
            _console.MarkupLine("[green]Everybody had the name once a round and alone, and releases woke the other processes.[/]");
        }
    }

    private static string Median(HandOvers times) => Milliseconds(times.Median);

    private static string Percentile99(HandOvers times) => Milliseconds(times.Percentile99);

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static string Seconds(IReadOnlyList<Turn> turns) =>
        string.Create(CultureInfo.InvariantCulture, $"{turns[^1].Released.TotalSeconds:0.00} s");
}
