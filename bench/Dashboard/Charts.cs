using System.ComponentModel;
using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Has gnuplot draw the charts, where it is installed.</summary>
internal static class Charts
{
    public static void TryDraw(string folder, Action<string> progress)
    {
        const string script = """
            set terminal svg size 820,420 font 'sans-serif,13' background '#ffffff'
            set key left top
            set grid
            set output 'latency.svg'
            set title 'Latency of lock + unlock, one at a time, one node over TCP'
            set xlabel 'microseconds'
            set ylabel 'share of cycles'
            set xrange [0:150]
            set yrange [0:1]
            shares = "sort -n | awk '{a[NR]=$1} END {for(i=1;i<=200;i++) print a[int(NR*i/200)], i/200}'"
            cycles = "< awk '$1==\"%s\"{print $2}' data/latency.tcp.n1.txt | %s"
            plot for [kind in 'floor async inline sync'] sprintf(cycles, kind, shares) using 1:2 with lines lw 2 title kind
            set output 'throughput.svg'
            set title 'Throughput over TCP'
            set xlabel 'cycles in flight'
            set ylabel 'cycles a second'
            set logscale x 2
            set autoscale
            plot 'data/throughput.txt' using 1:2 with linespoints lw 2 title 'one node', \
                '' using 1:3 with linespoints lw 2 title 'five nodes'
            """;
        string data = Path.Combine(folder, "data");
        if (!File.Exists(Path.Combine(data, "latency.tcp.n1.txt")) || !File.Exists(Path.Combine(data, "throughput.txt")))
        {
            return;
        }

        try
        {
            ProcessStartInfo start = new("gnuplot") { WorkingDirectory = folder, RedirectStandardInput = true };
            using Process gnuplot = Process.Start(start)!;
            gnuplot.StandardInput.Write(script);
            gnuplot.StandardInput.Close();
            gnuplot.WaitForExit();
            progress(gnuplot.ExitCode == 0 ? "charts: latency.svg, throughput.svg" : $"gnuplot ended with {gnuplot.ExitCode}; no charts");
        }
        catch (Win32Exception)
        {
            progress("no charts: gnuplot is not installed (Debian: apt-get install gnuplot-nox)");
        }
    }
}
