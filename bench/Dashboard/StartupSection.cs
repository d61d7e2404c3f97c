namespace Redlock.Fast.Bench;

/// <summary>A process that takes and releases one lock, from its start to its end, against one that only prints a line.</summary>
internal static class StartupSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(1);
        await MeasureAsync(report, "startup.vs_hello", StartupCompilation.JustInTime, servers[0].Endpoint, 1.6, quick);

        // Compiling ahead takes longer than a quick look may.
        if (!quick)
        {
            await MeasureAsync(report, "startup.readytorun.vs_hello", StartupCompilation.Ahead, servers[0].Endpoint, 1.6, quick);
            await MeasureNativeAsync(report, servers[0].Endpoint);
        }
    }

    private static async Task MeasureNativeAsync(Report report, string endpoint)
    {
        const string name = "startup.aot.vs_hello";
        if (StartupProgram.CanLink)
        {
            await MeasureAsync(report, name, StartupCompilation.Native, endpoint, 1.5, quick: false);
        }
        else
        {
            report.Progress($"{name}: left out, as neither clang nor gcc is here to link with");
        }
    }

    private static async Task MeasureAsync(
        Report report, string name, StartupCompilation compilation, string endpoint, double goal, bool quick)
    {
        report.Progress(name);
        using StartupProgram program = await StartupProgram.PublishAsync(compilation);
        List<double> ratios = [];
        for (int round = -1; round < (quick ? 5 : 15); round++)
        {
            double hello = await program.TimeAsync();
            double locked = await program.TimeAsync(endpoint);
            if (round >= 0)
            {
                ratios.Add(locked / hello);
            }
        }

        report.Add(name, Statistics.Median(ratios), Goal.Most(goal));
    }
}
