using System.Runtime.InteropServices;

namespace Redlock.Fast.Bench;

/// <summary>What the figures were measured on.</summary>
internal static class MachineDescription
{
    public static string Text =>
        $"{Environment.ProcessorCount} cores, {ProcessorName()}, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}";

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
