using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class ReadmeTests
{
    private const string SnippetMark = "<!-- snippet: ";

    [Fact]
    public void Every_program_of_the_readme_is_the_compiled_one()
    {
        string[] source = [.. Lines("tests", "Redlock.Tests", "ReadmeSnippets.cs"), .. Lines("tests", "Redlock.Tests", "Testing", "ReadmeExamples.cs")];
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

            Assert.True(compiled.TryGetValue(name, out string? expected), $"No compiled region is called {name}.");
            Assert.Equal(expected, string.Join('\n', code));
            shown.Add(name);
        }

        Assert.Equal(compiled.Keys.Order(), shown.Order());
    }

    [Fact]
    public void The_tables_of_the_readme_name_the_real_defaults()
    {
        MutexOptions options = MutexOptions.Blocking;
        RespNodeOptions node = new();
        RespQueueLimits queue = node.QueueLimits;
        RespLimits reply = node.ReplyLimits;
        string[] readme = Lines("README.md");
        string[] rows =
        [
            $"| `Expiry` | {options.Expiry.TotalSeconds} s |",
            $"| `Tries` | {options.Tries} (`MutexOptions.Blocking`), {MutexOptions.NonBlocking.Tries} (`.NonBlocking`) |",
            $"| `Delay` | {options.Delay.TotalMilliseconds} ms,",
            FormattableString.Invariant($"| `Factor` | {options.Factor} |"),
            $"| `Continuation` | `{options.Continuation}` |",
            $"| `RedlockFactory.MaxNodes` | {RedlockFactory.MaxNodes} |",
            $"| `RespNodeOptions.ConnectTimeLimit` (dial and handshake), `CommandTimeLimit` | {node.ConnectTimeLimit.TotalSeconds} s each |",
            $"| `RespNodeOptions.SilenceLimit`: no answer while requests wait, then reconnect | {node.SilenceLimit.TotalSeconds} s |",
            "| `RespNodeOptions.ReconnectDelay`, `MaxReconnectDelay` | "
                + $"{node.ReconnectDelay.TotalMilliseconds} ms doubling up to {node.MaxReconnectDelay.TotalSeconds} s,",
            $"| `RespQueueLimits.OrdinaryRequests`, `OrdinaryBytes`: unanswered, for new locks | {queue.OrdinaryRequests}, {queue.OrdinaryBytes >> 20} MiB",
            $"| `RespQueueLimits.AllRequests`, `AllBytes`: the same with releases | {queue.AllRequests}, {queue.AllBytes >> 20} MiB",
            "| `RespLimits.MaxLineBytes`, `MaxBulkBytes`, `MaxDepth`, `MaxFrameBytes` | "
                + $"{reply.MaxLineBytes >> 10} KiB, {reply.MaxBulkBytes >> 20} MiB, {reply.MaxDepth}, {reply.MaxFrameBytes >> 20} MiB |",
        ];
        foreach (string row in rows)
        {
            Assert.Contains(readme, line => line.StartsWith(row, StringComparison.Ordinal));
        }
    }

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
