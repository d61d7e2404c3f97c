using System.Diagnostics;
using Redlock.Fast.SharedTests;

namespace Redlock.Fast.Simulation;

/// <summary>Builds the library once for each defect, in a copy of its sources, and runs this very program over it.</summary>
/// <remarks>Nothing in the library serves this: a defect is an edit of its text.</remarks>
internal static class MutantTable
{
    private const int Seeds = 20_000;

    // A run through bytes costs more.
    private const int SeedsOfBytes = 3_000;

    // Enough to see that nothing is found.
    private const int HarmlessSeeds = 5_000;
    private static readonly string[] _libraries = ["Redlock.Fast.dll", "Redlock.Fast.Resp.dll"];

    // What a project takes from the root of the repository.
    private static readonly string[] _shared =
        ["Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt", "README.md", ".editorconfig"];

    /// <summary>Prints a line for each.</summary>
    /// <param name="named">What is in its name.</param>
    /// <param name="bytes">Which of them: those that only such runs can meet, or all.</param>
    /// <returns>Whether each was found, or withstood where it must be.</returns>
    public static bool Print(string named, ByteUse bytes)
    {
        string repository = SourceTree.Root;
        string work = Directory.CreateTempSubdirectory("redlock-mutants-").FullName;
        try
        {
            CopyFolder(AppContext.BaseDirectory, Path.Combine(work, "program"));
            foreach (string file in _shared)
            {
                File.Copy(Path.Combine(repository, file), Path.Combine(work, file));
            }

            CopyFolder(Path.Combine(repository, "src", "Resp"), Path.Combine(work, "src", "Resp"));
            CopyFolder(Path.Combine(repository, "src", "Redlock"), Path.Combine(work, "src", "Redlock"));
            bool isWell = true;
            Console.WriteLine($"| defect | invariant | first seed |\n|---|---|---|");
            Mutant[] chosen = Array.FindAll(
                Mutant.All,
                mutant => mutant.Name.Contains(named, StringComparison.Ordinal) && (bytes == ByteUse.Drawn || mutant.Bytes == bytes));
            foreach (Mutant mutant in chosen)
            {
                string found = Try(mutant, work);
                isWell &= mutant.IsHarmless == (found.Length == 0);
                string verdict = found.Length != 0 ? found
                    : mutant.IsHarmless ? $"held | none in {HarmlessSeeds}"
                    : $"NOT FOUND | none in {SeedsFor(mutant)}";
                Console.WriteLine($"| {mutant.Name} | {verdict} |");
            }

            return isWell;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Gives the invariant and the seed, or nothing.</summary>
    private static string Try(Mutant mutant, string work)
    {
        string sources = Path.Combine(work, "src", "Redlock");
        Dictionary<string, string> originals = [];
        foreach (Edit edit in mutant.Edits)
        {
            string path = SourceTree.File(Path.Combine(work, "src", mutant.Package), edit.File);
            string text = File.ReadAllText(path);
            originals.TryAdd(path, text);
            int at = text.IndexOf(edit.Old, StringComparison.Ordinal);
            if (at < 0 || text.IndexOf(edit.Old, at + 1, StringComparison.Ordinal) >= 0)
            {
                throw new InvalidOperationException($"'{mutant.Name}': this must stand once in {edit.File}, and does not:\n{edit.Old}");
            }

            File.WriteAllText(path, text.Replace(edit.Old, edit.New, StringComparison.Ordinal));
        }

        // A defect may be code that no analyzer lets pass.
        string[] lenient = ["-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false"];
        string build = Run(work, ["build", sources, "-c", "Release", "-v", "quiet", .. lenient], out int buildExit);
        foreach ((string path, string text) in originals)
        {
            File.WriteAllText(path, text);
        }

        if (buildExit != 0)
        {
            throw new InvalidOperationException($"'{mutant.Name}' does not build:\n{build}");
        }

        string program = Path.Combine(work, "program");
        foreach (string library in _libraries)
        {
            File.Copy(Path.Combine(sources, "bin", "Release", "net10.0", library), Path.Combine(program, library), overwrite: true);
        }

        int last = mutant.IsHarmless ? HarmlessSeeds : SeedsFor(mutant);
        List<string> words = [Path.Combine(program, "Redlock.Fast.Simulation.dll"), "--first", "--seeds", $"1-{last}"];
        if (mutant.Fault != Fault.None)
        {
            words.AddRange(["--with", mutant.Fault.ToString()]);
        }

        if (mutant.Bytes != ByteUse.Drawn)
        {
            words.AddRange(["--bytes", mutant.Bytes.ToString()]);
        }

        if (mutant.ExclusionOnly)
        {
            words.Add("--exclusion-only");
        }

        string output = Run(work, words, out int exit);
        if (exit == 0)
        {
            return "";
        }

        // seed 17 breaks Exclusion at 3.141 ms: ...
        string[] said = output.Split(' ');
        return exit == 1 && said is ["seed", _, "breaks", ..]
            ? $"{said[3]} | {said[1]}"
            : throw new InvalidOperationException($"'{mutant.Name}' ended with {exit}:\n{output}");
    }

    private static int SeedsFor(Mutant mutant) => mutant.Bytes == ByteUse.Always ? SeedsOfBytes : Seeds;

    private static string Run(string folder, List<string> arguments, out int exit)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        exit = process.ExitCode;
        return output;
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(from))
        {
            string name = Path.GetFileName(folder);
            if (name is not ("bin" or "obj"))
            {
                CopyFolder(folder, Path.Combine(to, name));
            }
        }
    }
}
