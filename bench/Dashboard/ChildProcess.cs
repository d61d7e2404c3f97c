using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Runs this very program, or another, to its end.</summary>
internal static class ChildProcess
{
    public static Task<string> RunAsync(params string[] arguments) =>
        RunProgramAsync(Environment.ProcessPath!, Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(ChildProcess).Assembly.Location, .. arguments]
            : arguments);

    public static async Task<string> RunProgramAsync(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }
}
