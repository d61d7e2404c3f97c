namespace Redlock.Fast.SharedTests;

/// <summary>Where the sources are that this program was built of.</summary>
internal static class SourceTree
{
    /// <exception cref="InvalidOperationException">The program runs outside of the repository.</exception>
    public static string Root { get; } = Find();

    /// <summary>The one file of that name under a folder, whatever room it stands in.</summary>
    public static string File(string folder, string name) => Directory.GetFiles(folder, name, SearchOption.AllDirectories) is [string only]
        ? only
        : throw new InvalidOperationException($"{name} must stand once under {folder}, and does not.");

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Redlock.Fast.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"There is no Redlock.Fast.sln above {AppContext.BaseDirectory}.");
    }
}
