using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One run of the server program, and the last lines it wrote.</summary>
internal sealed class TempRedisProcess : IDisposable
{
    // What a server says before it gives up fits in a screen; more would drown the error that quotes it.
    private const int LogTailLines = 30;

    // SIGKILL takes effect within milliseconds unless the kernel holds the process in a disk wait.
    private static readonly TimeSpan _killLimit = TimeSpan.FromSeconds(10);

    // A signal reaches a process that runs on another core within microseconds, one in a system call within milliseconds.
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Queue<string> _logTail = new();

    public TempRedisProcess(string program, string configurationPath)
    {
        ProcessStartInfo start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(configurationPath);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.Start();
        Id = _process.Id;
        WithoutContext.Start(
            static process =>
            {
                process.BeginOutputReadLine();
                process.BeginErrorReadLine();
            },
            _process);
    }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public string LogTail
    {
        get
        {
            lock (_logTail)
            {
                return string.Join(Environment.NewLine, _logTail);
            }
        }
    }

    /// <summary>Waits until everything an exited server wrote has been read.</summary>
    public void DrainLog() => _process.WaitForExit();

    public void Pause()
    {
        ProcessSignal.SendStop(Id);
        long sentAt = TimeProvider.System.GetTimestamp();
        while (OperatingSystem.IsLinux() && !IsStopped())
        {
            if (TimeProvider.System.GetElapsedTime(sentAt) > _stopLimit)
            {
                throw new TimeoutException($"redis-server, process {Id}, still runs {_stopLimit.TotalSeconds} s after SIGSTOP.");
            }

            Thread.Yield();
        }
    }

    public void Resume() => ProcessSignal.SendContinue(Id);

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        if (!_process.WaitForExit(_killLimit))
        {
            throw new TimeoutException(
                $"redis-server, process {Id}, is still there {_killLimit.TotalSeconds} s after SIGKILL. Look at it with `ps -o stat,wchan "
                    + $"-p {Id}`.");
        }
    }

    public void Dispose() => _process.Dispose();

    // "123 (redis-server) T ...": the letter behind the name, which can itself hold brackets.
    private bool IsStopped()
    {
        string status = File.ReadAllText($"/proc/{Id}/stat");
        return status[status.LastIndexOf(')') + 2] == 'T';
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        lock (_logTail)
        {
            if (_logTail.Count == LogTailLines)
            {
                _logTail.Dequeue();
            }

            _logTail.Enqueue(line.Data);
        }
    }
}
