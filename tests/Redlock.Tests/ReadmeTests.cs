using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class ReadmeTests
{
    private const string SnippetMark = "<!-- snippet: ";

    [Fact]
    public void Every_program_of_the_readme_is_the_compiled_one()
    {
        string[] source = Lines("tests", "Redlock.Tests", "ReadmeSnippets.cs");
        Dictionary<string, string> compiled = Regions(source);
        string[] readme = Lines("README.md");
        HashSet<string> shown = [];
        for (int line = 0; line < readme.Length; line++)
        {
            if (readme[line] != "```csharp")
            {
                continue;
            }

            string mark = readme[line - 1];
            Assert.StartsWith(SnippetMark, mark);
            string name = mark[SnippetMark.Length..].Replace(" -->", "", StringComparison.Ordinal);
            int end = Array.IndexOf(readme, "```", line);
            List<string> code = [.. readme[(line + 1)..end]];
            while (code[0].StartsWith("using ", StringComparison.Ordinal) || code[0].Length == 0)
            {
                Assert.Contains(code[0], source);
                code.RemoveAt(0);
            }

            Assert.True(compiled.TryGetValue(name, out string? expected), $"ReadmeSnippets.cs has no region {name}.");
            Assert.Equal(expected, string.Join('\n', code));
            shown.Add(name);
        }

        Assert.Equal(compiled.Keys.Order(), shown.Order());
    }

    [Fact]
    public async Task The_testing_program_has_the_three_outcomes_that_the_readme_names() =>
        Assert.Equal(
            [LockStatus.Acquired, LockStatus.Contended, LockStatus.Unavailable],
            await ReadmeSnippets.TestingAsync(TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_program_with_all_statuses_leaves_the_name_free()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        RedlockMutex mutex = locks.CreateMutex("statuses", MutexOptions.NonBlocking);
        await ReadmeSnippets.StatusesAsync(mutex, TestContext.Current.CancellationToken);
        LockResult next = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Assert.Equal(LockStatus.Acquired, next.Status);
    }

    private static Dictionary<string, string> Regions(string[] source)
    {
        Dictionary<string, string> regions = [];
        for (int line = 0; line < source.Length; line++)
        {
            if (!source[line].TrimStart().StartsWith("#region ", StringComparison.Ordinal))
            {
                continue;
            }

            int indent = source[line].Length - source[line].TrimStart().Length;
            int end = Array.FindIndex(source, line, text => text.TrimStart() == "#endregion");
            string[] code = Array.ConvertAll(source[(line + 1)..end], text => text.Length == 0 ? text : text[indent..]);
            regions.Add(source[line].Trim()["#region ".Length..], string.Join('\n', code));
        }

        return regions;
    }

    private static string[] Lines(params string[] path) => File.ReadAllLines(Path.Combine([Root(), .. path]));

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Redlock.Fast.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Redlock.Fast.sln above {AppContext.BaseDirectory}.");
    }
}
