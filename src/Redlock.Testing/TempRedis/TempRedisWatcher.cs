using System.Diagnostics;

namespace Redlock.Fast.Testing;

/// <summary>A small shell process that outlives this one just long enough to kill the server and remove its folder.</summary>
/// <remarks>
/// It reads its standard input, whose other end only this process holds, and so sees the end of it when this process is gone,
/// however it went. .NET opens that pipe close-on-exec, so other children do not keep it open.
/// </remarks>
internal sealed class TempRedisWatcher : IDisposable
{
    // A line is the process to kill at the end, an empty line is none. The signals a terminal sends to the whole group must not end it
    // first.
    private const string Script = """
        trap '' HUP INT TERM
        exec >/dev/null 2>&1
        watched=
        while read -r line; do watched=$line; done
        if [ -n "$watched" ]; then kill -9 "$watched"; fi
        rm -rf "$1"
        """;

    // Killing one process and removing a folder of a few files.
    private static readonly TimeSpan _exitLimit = TimeSpan.FromSeconds(10);

    private readonly Process _shell;

    public TempRedisWatcher(string folder)
    {
        ProcessStartInfo start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        start.ArgumentList.Add("temp-redis-watcher");
        start.ArgumentList.Add(folder);
        _shell = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh could not be started to watch over redis-server.");
    }

    public void Watch(int processId) => Send(processId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    // A process id may be given to a stranger once its process is gone: it must not be killed then.
    public void Forget() => Send(string.Empty);

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit(_exitLimit);
        _shell.Dispose();
    }

    private void Send(string line)
    {
        try
        {
            _shell.StandardInput.Write(line + "\n");
            _shell.StandardInput.Flush();
        }
        catch (IOException)
        {
            // Someone killed the watcher: the server is then stopped by this process alone, which must not fail for it.
        }
    }
}
