using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Redlock.Fast.Tests;

/// <summary>The solution stands in two files: one of today's form, and one for tools that know only the older.</summary>
public partial class SolutionTests
{
    // It is built outside of the repository, as a user's project is.
    private const string Consumer = "tests/PackageConsumer/PackageConsumer.csproj";

    [Fact]
    public void Both_solutions_list_every_project()
    {
        string[] projects =
        [
            .. from folder in (string[])["bench", "samples", "src", "tests"]
               from file in Directory.GetFiles(Path.Combine(SourceTree.Root, folder), "*.csproj", SearchOption.AllDirectories)
               let project = Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/')
               where project != Consumer
               orderby project
               select project,
        ];
        Assert.Equal(projects, Today());
        Assert.Equal(projects, Older());
    }

    private static IEnumerable<string> Today() =>
        from project in XDocument.Load(Path.Combine(SourceTree.Root, "Redlock.Fast.slnx")).Descendants("Project")
        let path = project.Attribute("Path")!.Value
        orderby path
        select path;

    private static IEnumerable<string> Older() =>
        from Match project in ProjectLine().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "Redlock.Fast.sln")))
        let path = project.Groups["path"].Value.Replace('\\', '/')
        orderby path
        select path;

    [GeneratedRegex("""^Project\(.*, "(?<path>[^"]*\.csproj)",""", RegexOptions.Multiline)]
    private static partial Regex ProjectLine();
}
