namespace Redlock.Fast.Tests;

/// <summary>What a package shows of itself where it is found, and in an editor.</summary>
public sealed class PackagePageTests
{
    private const string PageMark = "page-";
    private const string ExampleMark = "example-";
    private const string DocumentationMark = "///";

    private static string Sources => Path.Combine(SourceTree.Root, "src");

    [Fact]
    public void Every_package_has_a_page_that_says_how_to_install_it_and_for_what()
    {
        string main = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md"));
        foreach (string project in Directory.GetFiles(Sources, "*.csproj", SearchOption.AllDirectories))
        {
            string package = $"Redlock.Fast{Path.GetFileNameWithoutExtension(project).Replace("Redlock", "", StringComparison.Ordinal)}";
            package = package == "Redlock.FastResp" ? "Redlock.Fast.Resp" : package;
            string page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(project)!, "README.md"));
            Assert.StartsWith($"# {package}\n", page);
            Assert.Contains($"\ndotnet add package {package}\n", page);
            Assert.Contains("net10.0", page);
            Assert.Contains($"\n| `{package}` | ", main);
        }
    }

    [Fact]
    public void Every_program_of_a_packages_page_is_a_compiled_one()
    {
        string[] source = CompiledRegions.SourcesOfPackages();
        HashSet<string> compiled = Marked(source, PageMark);
        HashSet<string> shown = [];
        foreach (string page in Directory.GetFiles(Sources, "README.md", SearchOption.AllDirectories))
        {
            foreach (string program in Programs(File.ReadAllLines(page), source))
            {
                Assert.True(compiled.Contains(program), $"{page} has a program that no test compiles:\n{program}");
                shown.Add(program);
            }
        }

        Assert.Equal(compiled.Order(), shown.Order());
    }

    [Fact]
    public void Every_example_of_a_member_is_a_compiled_one()
    {
        HashSet<string> compiled = Marked(CompiledRegions.SourcesOfPackages(), ExampleMark);
        HashSet<string> shown = [];
        foreach (string file in Directory.GetFiles(Sources, "*.cs", SearchOption.AllDirectories))
        {
            foreach (string example in Examples(File.ReadAllLines(file)))
            {
                Assert.True(compiled.Contains(example), $"{file} has an example that no test compiles:\n{example}");
                shown.Add(example);
            }
        }

        Assert.Equal(compiled.Order(), shown.Order());
    }

    private static HashSet<string> Marked(string[] source, string mark) =>
    [
        .. from region in CompiledRegions.Of(source)
           where region.Key.StartsWith(mark, StringComparison.Ordinal)
           select region.Value,
    ];

    private static IEnumerable<string> Programs(string[] page, string[] source)
    {
        for (int line = 0; line < page.Length; line++)
        {
            if (page[line] != "```csharp")
            {
                continue;
            }

            List<string> code = [.. page[(line + 1)..Array.IndexOf(page, "```", line)]];
            while (code[0].StartsWith("using ", StringComparison.Ordinal) || code[0].Length == 0)
            {
                Assert.Contains(code[0], source);
                code.RemoveAt(0);
            }

            yield return string.Join('\n', code);
        }
    }

    private static IEnumerable<string> Examples(string[] source)
    {
        for (int line = 0; line < source.Length; line++)
        {
            if (source[line].Trim() != "/// <code>")
            {
                Assert.DoesNotContain("<code>", source[line]);
                continue;
            }

            int end = Array.FindIndex(source, line, text => text.Trim() == "/// </code>");
            yield return string.Join('\n', source[(line + 1)..end].Select(Text));
        }
    }

    private static string Text(string line)
    {
        string text = line.TrimStart()[DocumentationMark.Length..];
        return System.Net.WebUtility.HtmlDecode(text.StartsWith(' ') ? text[1..] : text);
    }
}
