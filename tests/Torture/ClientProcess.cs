using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>This program once more, as a client of the nodes, which may be killed and started again.</summary>
internal sealed class ClientProcess : IDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly string _subcommand;
    private readonly Func<int, IEnumerable<string>> _arguments;
    private readonly List<long> _deaths = [];
    private Process _process;

    // Read from the first byte on: whoever writes what nobody reads waits for ever once the pipe is full.
    private Task<string> _output;

    /// <param name="subcommand">What the program is to be.</param>
    /// <param name="arguments">What each of its lives is given, from 0.</param>
    public ClientProcess(string subcommand, Func<int, IEnumerable<string>> arguments)
    {
        _subcommand = subcommand;
        _arguments = arguments;
        (_process, _output) = Start();
    }

    /// <summary>When each life ended but the last: nothing was done by it later.</summary>
    public IReadOnlyList<long> Deaths => _deaths;

    public async Task PauseAsync(TimeSpan duration)
    {
        Send(Stop);
        await Task.Delay(duration);
        Send(Continue);
    }

    /// <summary>SIGKILL: nothing that it holds is released.</summary>
    public async Task KillAsync(TimeSpan duration)
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
        _deaths.Add(MonotonicTime.Shared.GetTimestamp());
        await Task.Delay(duration);
        (_process, _output) = Start();
    }

    /// <summary>Asks it to end by closing its input, and gives what it has printed.</summary>
    public async Task<string> FinishAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        string output = await _output.WaitAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"A client process ended with {_process.ExitCode}: {output.Trim()}");
    }

    /// <summary>By its own id, stopped or not; one that has ended already is not touched.</summary>
    public void End()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose()
    {
        End();
        _process.Dispose();
    }

    private (Process Process, Task<string> Output) Start()
    {
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true };

        // Run as `dotnet Redlock.Fast.Torture.dll`, the program is the host and needs the library again.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ClientProcess).Assembly.Location);
        }

        start.ArgumentList.Add(_subcommand);
        foreach (string argument in _arguments(_deaths.Count))
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started as a client.");
        return (process, process.StandardOutput.ReadToEndAsync());
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
