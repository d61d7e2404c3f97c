using System.Text.RegularExpressions;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

// The sources start threads, timers and callbacks only in the ways that hand no context on.
public partial class StartedWorkTests
{
    // The clocks that tests hand in make timers of their own, and this one place makes those of all clocks.
    private static readonly string[] _mayMakeTimers =
        ["MonotonicTime.cs", "ManualTimeProvider.cs", "SkewedTimeProvider.cs", "WithoutContext.cs"];

    [Fact]
    public void Nothing_is_started_with_the_context_of_whoever_starts_it()
    {
        List<string> found = [];
        int threads = 0;
        int timers = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            if (file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            {
                continue;
            }

            string source = File.ReadAllText(file);
            threads += Threads().Count(source);
            timers += MadeTimers().Count(source);
            Look(
                file, source, Threads().Count(source) > UnsafeStarts().Count(source), "a thread that is not started by UnsafeStart", found);
            Look(file, source, FlowingStarts().IsMatch(source), "work that carries the context along", found);
            bool makesTimer = ClockTimers().IsMatch(source) && !_mayMakeTimers.Contains(Path.GetFileName(file));
            Look(file, source, makesTimer, "a timer that is not made by WithoutContext", found);
            Look(file, source, DetachedLoops().IsMatch(source), "an async loop that is not started by WithoutContext", found);
        }

        Assert.Empty(found);

        // Or the patterns have gone blind.
        Assert.True(threads >= 3, $"{threads} threads were found.");
        Assert.True(timers >= 3, $"{timers} timers were found.");
    }

    private static void Look(string file, string source, bool isWrong, string what, List<string> found)
    {
        if (isWrong)
        {
            found.Add($"{Path.GetFileName(file)} ({source.Length} characters): {what}");
        }
    }

    [GeneratedRegex(@"new Thread\(|\bThread \w+ = new\(")]
    private static partial Regex Threads();

    [GeneratedRegex(@"\.UnsafeStart\(\)")]
    private static partial Regex UnsafeStarts();

    [GeneratedRegex(
        @"(?<!Unsafe)QueueUserWorkItem\(|Task\.Run\(|StartNew\(|\.ContinueWith\(|new Timer\("
        + @"|\b[tT]oken\w*\.Register\(|RegisterWaitForSingleObject\(|new System\.Timers")]
    private static partial Regex FlowingStarts();

    [GeneratedRegex(@"(?<!WithoutContext)\.CreateTimer\(")]
    private static partial Regex ClockTimers();

    [GeneratedRegex(@"WithoutContext\.CreateTimer\(")]
    private static partial Regex MadeTimers();

    [GeneratedRegex(@"^\s+(=> )?_ = (?!_life\.)\w+(\.\w+)?Async\(", RegexOptions.Multiline)]
    private static partial Regex DetachedLoops();
}
