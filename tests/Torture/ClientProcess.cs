using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Redlock.Fast.Torture;

/// <summary>This program once more, as a client of the nodes.</summary>
internal sealed class ClientProcess : IDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly Process _process;

    public ClientProcess(string subcommand, IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true };

        // Run as `dotnet Redlock.Fast.Torture.dll`, the program is the host and needs the library again.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ClientProcess).Assembly.Location);
        }

        start.ArgumentList.Add(subcommand);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started as a client.");
    }

    public bool HasExited => _process.HasExited;

    public async Task PauseAsync(TimeSpan duration)
    {
        Send(Stop);
        await Task.Delay(duration);
        Send(Continue);
    }

    /// <summary>Asks it to end by closing its input, and gives what it has printed.</summary>
    public async Task<string> FinishAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        string output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"A client process ended with {_process.ExitCode}: {output.Trim()}");
    }

    public void Dispose()
    {
        // By its own id, stopped or not; one that has ended already is not touched.
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Send(int signal)
    {
        if (!_process.HasExited && NativeKill(_process.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
