using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Runs this very program, or another, to its end.</summary>
internal static class ChildProcess
{
    public static Task<string> RunAsync(params string[] arguments) =>
        RunProgramAsync(Environment.ProcessPath!, OwnArguments(arguments));

    /// <summary>What this very program has to be started with, whether it is started by the dotnet host or by itself.</summary>
    public static string[] OwnArguments(string[] arguments) => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [typeof(ChildProcess).Assembly.Location, .. arguments]
        : arguments;

    public static async Task<string> RunProgramAsync(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }
}
