using System.Text.RegularExpressions;

namespace Redlock.Fast.Tests;

/// <summary>What the page of troubleshooting quotes is what the sources say, but for what differs from case to case.</summary>
public sealed partial class TroubleshootingTests
{
    private const string WhatDiffers = "...";
    private const int WordsOfASentence = 3;

    // What somebody is to type has words, too.
    private static readonly string[] _commands = ["getent hosts name"];

    [Fact]
    public void Every_text_that_the_page_quotes_stands_in_the_sources()
    {
        string sources = Sources();
        int quoted = 0;
        foreach (string quote in Quotes())
        {
            foreach (string part in quote.Split(WhatDiffers))
            {
                string text = part.Trim(' ', ',', ';', ':', '.', '(', ')');
                Assert.True(sources.Contains(text, StringComparison.Ordinal), $"The page quotes \"{text}\", which no source says.");
            }

            quoted++;
        }

        Assert.InRange(quoted, 50, 500);
    }

    private static IEnumerable<string> Quotes() =>
        from match in Quote().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "troubleshooting.md")))
        let quote = match.Groups["text"].Value
        where quote.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length >= WordsOfASentence
        where !quote.Contains('=', StringComparison.Ordinal) && !_commands.Contains(quote)
        select quote;

    // Texts that go over several lines of code are put together, as the compiler does.
    private static string Sources() => Seam().Replace(
        string.Join('\n', from file in Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "*.cs", SearchOption.AllDirectories)
                          where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                          select File.ReadAllText(file)),
        "");

    [GeneratedRegex("`(?<text>[^`\n]+)`")]
    private static partial Regex Quote();

    [GeneratedRegex(@"""\s*\+\s*\$?""")]
    private static partial Regex Seam();
}
