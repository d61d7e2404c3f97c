using Redlock.Fast.Testing;

namespace Redlock.Fast.SharedTests;

/// <summary>Tests that need a real server skip without one, except where its absence is itself a fault.</summary>
internal static class InstalledRedis
{
    private static bool IsContinuousIntegration => Environment.GetEnvironmentVariable("CI") == "true";

    public static void Require()
    {
        if (!TempRedis.IsAvailable(out string? reason))
        {
            Miss(reason);
        }
    }

    public static string RequireProgram(string name)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator))
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Miss($"{name} is not on the PATH; the package redis-tools has it.");
        return string.Empty;
    }

    private static void Miss(string reason)
    {
        if (IsContinuousIntegration)
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }
}
