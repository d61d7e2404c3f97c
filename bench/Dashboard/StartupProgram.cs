using System.Diagnostics;
using System.Runtime.InteropServices;
using Redlock.Fast.SharedTests;

namespace Redlock.Fast.Bench;

/// <summary>The small program whose start is timed, published into a folder of its own.</summary>
internal sealed class StartupProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redlock-startup-");

    private readonly bool _isNative;

    private StartupProgram(bool isNative) => _isNative = isNative;

    /// <summary>Whether a linker is here, which native code needs.</summary>
    public static bool CanLink => IsOnPath("clang") || IsOnPath("gcc");

    /// <summary>Publishes it.</summary>
    /// <param name="compilation">When its code and the library's are compiled; the framework's always is ahead.</param>
    /// <exception cref="InvalidOperationException">It could not be published: what was said is in the message.</exception>
    public static async Task<StartupProgram> PublishAsync(StartupCompilation compilation)
    {
        StartupProgram program = new(compilation == StartupCompilation.Native);
        string[] target = compilation switch
        {
            StartupCompilation.Ahead =>
                ["--runtime", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "-p:PublishReadyToRun=true"],
            StartupCompilation.Native => ["--runtime", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true"],
            _ => [],
        };
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
        string program = Path.Combine(_folder.FullName, "Redlock.Fast.Startup");
        await (_isNative
            ? ChildProcess.RunProgramAsync(program, arguments)
            : ChildProcess.RunProgramAsync("dotnet", [program + ".dll", .. arguments]));
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
