using System.Diagnostics;
using System.Globalization;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Allocation;

/// <summary>Stops servers and lets them go on, from a process of its own so that it costs this one nothing.</summary>
internal sealed class Nemesis : IDisposable
{
    private readonly Process _shell;
    private readonly List<TempRedis> _servers;

    private Nemesis(Process shell, List<TempRedis> servers)
    {
        _shell = shell;
        _servers = servers;
    }

    public static Nemesis StopAndGo(List<TempRedis> servers)
    {
        string processes = string.Join(' ', servers.Select(server => server.ProcessId));
        string script = $"while kill -STOP {processes}; do sleep 0.02; kill -CONT {processes}; sleep 0.02; done";
        return new Nemesis(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]))!, servers);
    }

    /// <summary>Counts one key up on the first server, at every millisecond.</summary>
    public static Nemesis Count(List<TempRedis> servers, string key)
    {
        string port = servers[0].Port.ToString(CultureInfo.InvariantCulture);
        string script = $"exec redis-cli -p {port} -r -1 -i 0.001 incr '{key}' > /dev/null";
        return new Nemesis(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]))!, servers);
    }

    public void Dispose()
    {
        _shell.Kill(entireProcessTree: true);
        _shell.WaitForExit();
        _shell.Dispose();
        foreach (TempRedis server in _servers)
        {
            server.Resume();
        }
    }
}
