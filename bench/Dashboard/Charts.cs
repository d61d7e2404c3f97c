using System.ComponentModel;
using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Has gnuplot draw the charts, where it is installed.</summary>
internal static class Charts
{
    private const string Style = """
        set terminal svg size 820,420 font 'sans-serif,13' background '#ffffff'
        set grid
        """;

    // Stretched where few cycles are slow: as far from 90 % to 99 % as from 99 % to 99.9 %.
    private const string Latency = """
        set multiplot layout 1,3 title 'Lock + unlock, one at a time over TCP: each quantile against the same of the floor'
        set xlabel 'share of cycles, %'
        set xrange [0:3]
        set xtics ('50' 0.301, '90' 1, '99' 2, '99.9' 3)
        set yrange [0:2]
        set key bottom left
        do for [nodes in '1 3 5'] {
            set title 'N='.nodes
            if (nodes ne '1') { unset key }
            set ylabel (nodes eq '1' ? 'times the floor' : '')
            plot for [column=2:4] 'data/latency.tcp.n'.nodes.'.txt' using (-log10(1-$1/100)):column with lines lw 2 \
                title word('await inline synchronous', column - 1), 1 with lines dt 2 lc rgb '#808080' title 'floor'
        }
        unset multiplot
        """;

    private const string Throughput = """
        set key left top
        set title 'Throughput over TCP'
        set xlabel 'cycles in flight'
        set ylabel 'cycles a second'
        set logscale x 2
        plot 'data/throughput.txt' using 1:2 with linespoints lw 2 title 'one node', \
            '' using 1:3 with linespoints lw 2 title 'five nodes'
        """;

    private const string Handoff = """
        set key outside bottom center horizontal noenhanced
        set title 'From the start of a release to the acquisition of who waited, median'
        set ylabel 'milliseconds'
        set logscale y
        set yrange [0.05:2000]
        set style data histograms
        set style histogram clustered gap 1
        set style fill solid 0.8 border
        plot 'data/handoff.txt' using 2:xtic(1) title 'succession, within a process', '' using 3 title 'between processes', \
            '' using 4 title 'DistributedLock.Redis', '' using 5 title 'RedLock.net'
        """;

    public static void TryDraw(string folder, Action<string> progress)
    {
        string data = Path.Combine(folder, "data");
        foreach ((string name, string needs, string script) in new[]
        {
            ("latency.svg", "latency.tcp.n5.txt", Latency),
            ("throughput.svg", "throughput.txt", Throughput),
            ("handoff.svg", "handoff.txt", Handoff),
        })
        {
            if (File.Exists(Path.Combine(data, needs)))
            {
                TryDraw(folder, name, script, progress);
            }
        }
    }

    private static void TryDraw(string folder, string name, string script, Action<string> progress)
    {
        try
        {
            ProcessStartInfo start = new("gnuplot") { WorkingDirectory = folder, RedirectStandardInput = true };
            using Process gnuplot = Process.Start(start)!;
            gnuplot.StandardInput.Write($"{Style}\nset output '{name}'\n{script}\n");
            gnuplot.StandardInput.Close();
            gnuplot.WaitForExit();
            progress(gnuplot.ExitCode == 0 ? $"chart: {name}" : $"gnuplot ended with {gnuplot.ExitCode}; no {name}");
        }
        catch (Win32Exception)
        {
            progress($"no {name}: gnuplot is not installed (Debian: apt-get install gnuplot-nox)");
        }
    }
}
