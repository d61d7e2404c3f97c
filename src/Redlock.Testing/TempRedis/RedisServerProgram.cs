namespace Redlock.Fast.Testing;

/// <summary>Finds the server program to run.</summary>
internal static class RedisServerProgram
{
    private const string Variable = "REDLOCK_TEST_SERVER_PROGRAM";

    private static readonly string[] _names = ["redis-server", "valkey-server"];

    public static string? Find(out string reason)
    {
        reason = string.Empty;
        if (OperatingSystem.IsWindows())
        {
            reason = "TempRedis runs on Linux and macOS only: neither redis-server nor SIGSTOP exists on Windows. Use InMemoryNode, or "
                + "run under WSL.";
            return null;
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            reason = File.Exists(named) ? string.Empty : $"{Variable} names {named}, which is no file.";
            return reason.Length == 0 ? named : null;
        }

        string searched = Environment.GetEnvironmentVariable("PATH") ?? string.Empty;
        string[] folders = searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in _names)
        {
            foreach (string folder in folders)
            {
                string path = Path.Combine(folder, name);
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }

        reason = "Neither redis-server nor valkey-server is on the PATH. Install one: "
            + "`apt-get install redis-server` (Debian, Ubuntu), `dnf install valkey` (Fedora), `apk add redis` (Alpine), "
            + $"`brew install redis` (macOS). Or let {Variable} name the program.";
        return null;
    }
}
