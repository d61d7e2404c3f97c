namespace Redlock.Fast.Tests;

/// <summary>The text between the marks of each region of a source file, as a page shows it.</summary>
internal static class CompiledRegions
{
    private const string Begin = "#region ";
    private const string End = "#endregion";

    /// <returns>By name, without the indentation that all its lines have.</returns>
    public static Dictionary<string, string> Of(string[] source)
    {
        Dictionary<string, string> regions = [];
        for (int line = 0; line < source.Length; line++)
        {
            if (!source[line].TrimStart().StartsWith(Begin, StringComparison.Ordinal))
            {
                continue;
            }

            int indent = source[line].Length - source[line].TrimStart().Length;
            int end = Array.FindIndex(source, line, text => text.TrimStart() == End);
            string[] code = Array.ConvertAll(source[(line + 1)..end], text => text.Length == 0 ? text : text[indent..]);
            regions.Add(source[line].Trim()[Begin.Length..], string.Join('\n', code));
        }

        return regions;
    }

    /// <summary>Those of the packages' pages, and of the examples in the documentation of members.</summary>
    public static string[] SourcesOfPackages() =>
    [
        .. from file in Directory.GetFiles(Path.Combine(SourceTree.Root, "tests"), "Snippets*.cs", SearchOption.AllDirectories)
           from line in File.ReadAllLines(file)
           select line,
    ];
}
