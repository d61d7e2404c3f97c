using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Redlock.Fast.Bench;

/// <summary>Prints each figure as it comes and writes them all as Markdown and CSV at the end.</summary>
internal sealed class Report(string folder)
{
    private readonly List<Figure> _figures = [];
    private readonly List<string> _notes = [];
    private readonly Stopwatch _since = Stopwatch.StartNew();

    public string Folder => folder;

    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>Tells on the error stream what is being measured, so that the figures alone go to the output.</summary>
    public void Progress(string what) => Console.Error.WriteLine($"[{_since.Elapsed.TotalSeconds,5:0.0} s] {what}");

    public void Add(string name, double value, Goal? goal = null)
    {
        Figure figure = new(name, value, goal);
        _figures.Add(figure);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####}"));
    }

    /// <summary>Keeps a remark that stands below the figures.</summary>
    public void Note(string text)
    {
        _notes.Add(text);
        Progress(text);
    }

    public void Write()
    {
        Directory.CreateDirectory(folder);
        StringBuilder markdown = new(
            $"Measured on {DateTime.UtcNow:yyyy-MM-dd}: {MachineDescription.Text}\n\n| figure | measured | goal | |\n|---|---|---|---|\n");
        StringBuilder csv = new("name,value,goal,reached\n");
        foreach (Figure figure in _figures)
        {
            markdown.Append(
                CultureInfo.InvariantCulture,
                $"| `{figure.Name}` | {figure.Value:0.####} | {figure.Goal?.ToString() ?? "reported"} | "
                + $"{(figure.Goal is null ? "" : figure.IsReached ? "reached" : "missed")} |\n");
            csv.Append(CultureInfo.InvariantCulture, $"{figure.Name},{figure.Value:0.####},{figure.Goal},{figure.IsReached}\n");
        }

        foreach (string note in _notes)
        {
            markdown.Append(CultureInfo.InvariantCulture, $"\n{note}\n");
        }

        File.WriteAllText(Path.Combine(folder, "dashboard.md"), markdown.ToString());
        File.WriteAllText(Path.Combine(folder, "dashboard.csv"), csv.ToString());
        Console.Error.WriteLine($"{_figures.Count(figure => figure.IsReached)} of {_figures.Count} figures reach their goal; see {folder}");
    }
}
