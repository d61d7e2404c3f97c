using System.Diagnostics;
using System.Runtime.InteropServices;
using Redlock.Fast.Simulation;

namespace Redlock.Fast.Bench;

/// <summary>The small program whose start is timed, published into a folder of its own.</summary>
internal sealed class StartupProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redlock-startup-");

    private StartupProgram()
    {
    }

    /// <summary>Publishes it.</summary>
    /// <param name="compilation">Whether its code and the library's are compiled ahead; the framework's always is.</param>
    /// <exception cref="InvalidOperationException">It could not be published: what was said is in the message.</exception>
    public static async Task<StartupProgram> PublishAsync(StartupCompilation compilation)
    {
        StartupProgram program = new();
        string[] target = compilation == StartupCompilation.Ahead
            ? ["--runtime", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "-p:PublishReadyToRun=true"]
            : [];
        try
        {
            // Its intermediate files stay in the folder too: those of the ordinary build are for another target.
            await ChildProcess.RunProgramAsync("dotnet", [
                "publish", Path.Combine(SourceTree.Root, "bench", "Startup"), "--configuration", "Release",
                "--artifacts-path", Path.Combine(program._folder.FullName, "artifacts"), "--output", program._folder.FullName, .. target]);
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>The milliseconds of a whole process.</summary>
    /// <param name="arguments">An endpoint to lock on, or nothing to print a line.</param>
    public async Task<double> TimeAsync(params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        await ChildProcess.RunProgramAsync("dotnet", [Path.Combine(_folder.FullName, "Redlock.Fast.Startup.dll"), .. arguments]);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
