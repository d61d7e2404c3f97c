using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>Bytes allocated by the whole process, in a child process whose thread pool is fixed.</summary>
internal static class AllocationSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        string output = await ChildProcess.RunAsync(quick ? ["allocation"] : ["allocation", "--full"]);
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(' ');
            report.Add(parts[0], double.Parse(parts[1], CultureInfo.InvariantCulture), Goal.Most(0));
        }
    }
}
