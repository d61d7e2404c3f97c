using System.Text.RegularExpressions;
using Redlock.Fast.Resp;
using Redlock.Fast.Simulation;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public partial class ReadmeTests
{
    private const string SnippetMark = "<!-- snippet: ";
    private const string SnippetMarkEnd = " -->";
    private const string Fence = "```";
    private const string ProgramFence = "```csharp";

    [Fact]
    public void Every_program_of_the_pages_is_the_compiled_one()
    {
        string[] source =
            [.. Lines("tests", "Redlock.Tests", "Docs", "ReadmeSnippets.cs"), .. Lines("tests", "Testing.Tests", "ReadmeExamples.cs")];
        Dictionary<string, string> compiled = CompiledRegions.Of(source);
        HashSet<string> shown = [];
        foreach (string page in Pages())
        {
            CheckPrograms(page, source, compiled, shown);
        }

        Assert.Equal(compiled.Keys.Order(), shown.Order());
    }

    [Fact]
    public void Every_link_of_the_pages_leads_somewhere()
    {
        foreach (string page in Pages())
        {
            foreach (Match link in Link().Matches(File.ReadAllText(page)))
            {
                string[] target = link.Groups["target"].Value.Split('#');
                string file = target[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, target[0]);
                Assert.True(File.Exists(file), $"{page} links to {target[0]}, which is not there.");
                if (target.Length == 2)
                {
                    Assert.Contains(target[1], Anchors(file));
                }
            }
        }
    }

    [Fact]
    public void The_page_of_a_package_leads_nowhere_within_the_repository()
    {
        string[] pages = Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "README.md", SearchOption.AllDirectories);
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.DoesNotMatch(Link(), File.ReadAllText(page)));
    }

    [Fact]
    public void The_tables_of_the_pages_name_the_real_defaults()
    {
        MutexOptions options = MutexOptions.Blocking;
        RespNodeOptions node = new();
        RespQueueLimits queue = node.QueueLimits;
        RespLimits reply = node.ReplyLimits;
        AssertRows(
            Lines("docs", "tuning.md"),
            $"| `Expiry` | {options.Expiry.TotalSeconds} s |",
            $"| `Tries` | {options.Tries} (`MutexOptions.Blocking`), {MutexOptions.NonBlocking.Tries} (`.NonBlocking`) |",
            $"| `Delay` | {options.Delay.TotalMilliseconds} ms,",
            FormattableString.Invariant($"| `Factor` | {options.Factor} |"),
            $"| `Continuation` | `{options.Continuation}` |",
            $"| `Release` | `{options.Release}` |",
            $"`RespQueueLimits` bound what is unanswered a node: {queue.OrdinaryRequests} new locks or {queue.OrdinaryBytes >> 20} MiB.");
        AssertRows(
            Lines("README.md"),
            $"Without options a mutex has an expiry of {options.Expiry.TotalSeconds} s and up to {options.Tries} tries,",
            $"| `RedlockFactory.MaxNodes` | {RedlockFactory.MaxNodes} |",
            "| `RespNodeOptions.ConnectTimeLimit` (dial and handshake), `CommandTimeLimit` | "
                + $"{node.ConnectTimeLimit.TotalSeconds} s each |",
            $"| `RespNodeOptions.SilenceLimit`: no answer while requests wait, then reconnect | {node.SilenceLimit.TotalSeconds} s; a "
                + "third of the shortest validity that waits, if that is less, but 250 ms at least |",
            "| `RespNodeOptions.ReconnectDelay`, `MaxReconnectDelay` | "
                + $"{node.ReconnectDelay.TotalMilliseconds} ms doubling up to {node.MaxReconnectDelay.TotalSeconds} s,",
            $"| `RespQueueLimits.OrdinaryRequests`, `OrdinaryBytes`: unanswered, for new locks | {queue.OrdinaryRequests}, "
                + $"{queue.OrdinaryBytes >> 20} MiB",
            $"| `RespQueueLimits.AllRequests`, `AllBytes`: the same with releases | {queue.AllRequests}, {queue.AllBytes >> 20} MiB",
            "| `RespQueueLimits.WindowBytes`: of new locks, on the way at a time; below it follows the link | "
                + $"{queue.WindowBytes / 1024 / 1024} MiB a node |",
            "| `RespLimits.MaxLineBytes`, `MaxBulkBytes`, `MaxDepth`, `MaxFrameBytes`, `MaxElements` | "
                + $"{reply.MaxLineBytes >> 10} KiB, {reply.MaxBulkBytes >> 20} MiB, {reply.MaxDepth}, {reply.MaxFrameBytes >> 20} MiB, "
                + $"{reply.MaxElements:N0} |");
    }

    [Fact]
    public async Task The_program_with_all_statuses_leaves_the_name_free()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);

        // Long enough for the slowest machine: a node's time limit follows the expiry.
        RedlockMutex mutex = locks.CreateMutex("statuses", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(20) });
        await ReadmeSnippets.StatusesAsync(locks, mutex, TestContext.Current.CancellationToken);
        LockResult next = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Assert.Equal(LockStatus.Acquired, next.Status);
    }

    private static void CheckPrograms(string page, string[] source, Dictionary<string, string> compiled, HashSet<string> shown)
    {
        string[] lines = File.ReadAllLines(page);
        for (int line = 0; line < lines.Length; line++)
        {
            if (lines[line].StartsWith(SnippetMark, StringComparison.Ordinal))
            {
                Assert.True(lines[line + 1] == ProgramFence, $"{page}: no program follows {lines[line]}");
            }

            if (lines[line] != ProgramFence)
            {
                continue;
            }

            string mark = lines[line - 1];
            Assert.True(
                mark.StartsWith(SnippetMark, StringComparison.Ordinal),
                $"{page}: the program in line {line + 1} names no compiled region.");
            string name = mark[SnippetMark.Length..].Replace(SnippetMarkEnd, "", StringComparison.Ordinal);
            int end = Array.IndexOf(lines, Fence, line);
            List<string> code = [.. lines[(line + 1)..end]];
            while (code[0].StartsWith("using ", StringComparison.Ordinal) || code[0].Length == 0)
            {
                Assert.Contains(code[0], source);
                code.RemoveAt(0);
            }

            Assert.True(compiled.TryGetValue(name, out string? expected), $"{page}: no compiled region is called {name}.");
            Assert.Equal(expected, string.Join('\n', code));
            shown.Add(name);
        }
    }

    private static void AssertRows(string[] page, params ReadOnlySpan<string> rows)
    {
        foreach (string row in rows)
        {
            Assert.Contains(page, line => line.StartsWith(row, StringComparison.Ordinal));
        }
    }

    // As a page's host makes them of its headings: lower case, no punctuation, hyphens for spaces.
    private static IEnumerable<string> Anchors(string page) =>
        from line in File.ReadAllLines(page)
        where line.StartsWith('#')
        let heading = line.TrimStart('#').Trim().ToLowerInvariant()
        select string.Concat(heading.Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-')).Replace(' ', '-');

    private static string[] Pages() =>
        [Path.Combine(SourceTree.Root, "README.md"), .. Directory.GetFiles(Path.Combine(SourceTree.Root, "docs"), "*.md")];

    [GeneratedRegex(@"\]\((?!https?:)(?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    private static string[] Lines(params string[] path) => File.ReadAllLines(Path.Combine([SourceTree.Root, .. path]));
}
