using Spectre.Console;

namespace Redlock.Fast.Quickstart;

/// <summary>Puts the steps on the screen, or into a file as plain text.</summary>
internal static class Screen
{
    public static void Write(SampleNodes nodes, StepTable steps)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        });

        string where = nodes.MayBeStopped ? "five nodes in the memory of this process" : $"{nodes.Endpoints.Count} nodes of yours";
        console.MarkupLineInterpolated($"[bold]Redlock.Fast[/] on {where}");
        console.Write(TableOf(steps));
        if (steps.Outage.Count > 0)
        {
            console.WriteLine();
            console.MarkupLine("What each node said with three of five stopped:");
            foreach (NodeOutcome outcome in steps.Outage)
            {
                Console.WriteLine($"  {outcome}");
            }
        }

        console.WriteLine();
        console.MarkupLine(steps.AllKept
            ? "[green]Every step did what it promises.[/]"
            : "[red]Some step did not do what it promises: see the lines marked FAILED.[/]");
    }

    private static Table TableOf(StepTable steps)
    {
        Table table = new() { Border = TableBorder.Rounded };
        table.AddColumn("Step");
        table.AddColumn("Outcome");
        table.AddColumn(new TableColumn("Latency").RightAligned().NoWrap());
        foreach (Step step in steps.Steps)
        {
            table.AddRow(new Text(step.Promise), OutcomeOf(step), new Text(Show.Milliseconds(step.Latency)));
        }

        return table;
    }

    private static Markup OutcomeOf(Step step) => step.Verdict switch
    {
        StepVerdict.Kept => Markup.FromInterpolated($"[green]ok[/] {step.Outcome}"),
        StepVerdict.LeftOut => Markup.FromInterpolated($"[grey]{step.Outcome}[/]"),
        _ => Markup.FromInterpolated($"[red]FAILED[/] {step.Outcome}"),
    };
}
