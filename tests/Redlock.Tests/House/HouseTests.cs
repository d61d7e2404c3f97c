using System.Text.RegularExpressions;

namespace Redlock.Fast.Tests;

/// <summary>The plan of the house: what each folder may name, and how much may stand in it. See CONTRIBUTING.md.</summary>
public partial class HouseTests
{
    private const int MostLinesOfAFile = 300;
    // As .editorconfig has it: two versions side by side still fit a wide screen, and so does a page that quotes the line.
    private const int MostCharactersOfALine = 140;

    private const int MostCodeOfTheCore = 3000;
    private const int MostCodeOfAWing = 600;

    // The part of the house that every lock passes through.
    private static readonly string[] _core = ["Resp", "Resp/Protocol", "Resp/Connection", "Redlock", "Redlock/Quorum"];

    private static readonly string[] _adapters = ["Redlock.DistributedLock", "Redlock.FusionCache"];

    private static readonly string[] _foldersOfShortLines =
    [
        "src", "tests", "bench", "samples",
    ];

    private static string Sources => Path.Combine(SourceTree.Root, "src");

    [Theory]
    [InlineData("Resp", @"\b(Socket|SslStream)\b")]
    [InlineData("Resp/Protocol", @"\b(Task|ValueTask|Socket|SslStream|RespConnection|RespNode|Thread)\b")]
    [InlineData("Resp/Connection", @"\b(Socket|SslStream)\b")]
    [InlineData("Resp/Reading", @"\b(Socket|SslStream|RespConnection|ReplyReceiver|IDuplexPipe)\b")]
    [InlineData("Resp/Queue", @"\b(Socket|SslStream|RespConnection|Handshake|DeadlineWatch|ReplyReceiver|ConnectionKeeper|IDuplexPipe)\b")]
    [InlineData("Resp/Handshake", @"\b(Socket|SslStream|ConnectionKeeper|IDuplexPipe)\b")]
    [InlineData("Resp/Substitutes", @"\b(Socket|SslStream|ConnectionKeeper|IDuplexPipe)\b")]
    [InlineData("Resp/Identity", @"\b(Socket|SslStream|RespConnection|ConnectionKeeper|IDuplexPipe)\b")]
    [InlineData("Resp/Credentials", @"\b(Socket|SslStream|RequestQueue|ConnectionKeeper|IDuplexPipe)\b")]
    [InlineData("Resp/Dialing", @"\b(Socket|SslStream|RequestQueue|Handshake)\b")]
    [InlineData("Resp/Subscription", @"\b(Socket|SslStream)\b")]
    [InlineData("Resp/Time", @"\b(Socket|SslStream|RespConnection)\b")]
    [InlineData("Resp/Threading", @"\b(Socket|SslStream|RespConnection)\b")]
    [InlineData("Resp/Diagnostics", @"\b(Socket|SslStream|RespConnection)\b")]
    [InlineData("Resp/Endpoints", @"\b(Socket|SslStream|RespConnection)\b")]
    [InlineData("Redlock/Quorum", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Outcomes", @"\b(RedlockMutex|RedlockFactory|FactoryCore|MutexDefinition|\w+Operation|Socket|RespNode)\b")]
    [InlineData("Redlock/Frames", @"\b(RedlockMutex|RedlockFactory|FactoryCore|MutexDefinition|\w+Operation|QuorumRound|Task)\b")]
    [InlineData("Redlock/Threading", @"\b(RedlockMutex|RedlockFactory|MutexDefinition|QuorumOperation|LockOperation|QuorumRound|Lines)\b")]
    [InlineData("Redlock/Succession", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Healing", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Belief", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Waiting", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Fencing", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Posting", @"\b(RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Running", @"\b(RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock/Keeping", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    [InlineData("Redlock.FusionCache", @"\b(RedlockFactory|Socket|Resp(Node|Channel))\b")]
    [InlineData("Redlock.DistributedLock", @"\b(RedlockFactory|Socket|Resp(Node|Channel))\b")]
    [InlineData("Redlock/Diagnostics", @"\b(RedlockMutex|RedlockFactory|Socket|RespNode)\b")]
    public void A_room_does_not_name_what_lies_above_it(string folder, string forbidden)
    {
        string[] wrong =
        [
            .. from file in FilesOf(folder)
               from line in Code(file)
               where Regex.IsMatch(line, forbidden)
               select $"{folder}/{Path.GetFileName(file)}: {line.Trim()}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void Nothing_in_the_rooms_of_the_client_names_the_node()
    {
        string[] wrong =
        [
            .. from folder in Directory.GetDirectories(Path.Combine(Sources, "Resp"))
               where !IsOutput(folder)
               from file in FilesOf($"Resp/{Path.GetFileName(folder)}")
               from line in Code(file)
               where Regex.IsMatch(line, @"\bRespNode\b")
               select $"{Path.GetFileName(file)}: {line.Trim()}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_one_file_of_the_lock_reads_the_clock()
    {
        string[] readers =
        [
            .. from file in Directory.EnumerateFiles(Path.Combine(Sources, "Redlock"), "*.cs", SearchOption.AllDirectories)
               where !IsOutput(file) && Code(file).Any(line => line.Contains(".GetTimestamp()", StringComparison.Ordinal)
                   && !line.Contains("TimeProvider.System", StringComparison.Ordinal))
               select Path.GetFileName(file),
        ];
        Assert.Equal(["QuorumClock.cs"], readers);
    }

    [Fact]
    public void Every_lock_is_a_gate_that_no_interrupt_breaks_into()
    {
        string[] wrong =
        [
            .. from package in (string[])["Resp", "Redlock"]
               from file in Directory.EnumerateFiles(Path.Combine(Sources, package), "*.cs", SearchOption.AllDirectories)
               where !IsOutput(file) && Path.GetFileName(file) != "Gate.cs"
               from line in Code(file)
               where Regex.IsMatch(line, @"\block \(|\bMonitor\.|\bnew Lock\(|\bLock _")
               select $"{Path.GetFileName(file)}: {line.Trim()}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_file_is_longer_than_a_person_reads_at_once()
    {
        string[] wrong =
        [
            .. from file in Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
               where !IsOutput(file)
               let lines = File.ReadLines(file).Count()
               where lines > MostLinesOfAFile
               select $"{Path.GetFileName(file)}: {lines}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_line_is_longer_than_a_page_is_wide()
    {
        string[] wrong =
        [
            .. from folder in _foldersOfShortLines
               from file in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, folder), "*.cs", SearchOption.AllDirectories)
               where !IsOutput(file)
               from line in File.ReadLines(file).Index()
               where line.Item.Length > MostCharactersOfALine
               select $"{Path.GetRelativePath(SourceTree.Root, file)}:{line.Index + 1}: {line.Item.Length}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_name_of_a_test_is_a_sentence()
    {
        List<string> wrong = [];
        int tests = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories))
        {
            bool isTest = false;
            foreach (string line in IsOutput(file) ? [] : File.ReadLines(file))
            {
                isTest |= TestAttribute().IsMatch(line);
                if (isTest && MethodName().Match(line) is { Success: true } method)
                {
                    isTest = false;
                    tests++;
                    if (TwoWordsInOne().IsMatch(method.Groups["name"].Value))
                    {
                        wrong.Add($"{Path.GetFileName(file)}: {method.Groups["name"].Value}");
                    }
                }
            }
        }

        Assert.Empty(wrong);

        // Or the patterns have gone blind.
        Assert.True(tests > 500, $"{tests} tests were found.");
    }

    [Fact]
    public void The_core_and_every_wing_stay_within_their_budget()
    {
        Assert.InRange(_core.Sum(CodeOf), 1, MostCodeOfTheCore);
        string[] wrong =
        [
            .. from package in (string[])["Resp", "Redlock"]
               from folder in Directory.GetDirectories(Path.Combine(Sources, package))
               where !IsOutput(folder)
               let wing = $"{package}/{Path.GetFileName(folder)}"
               where !_core.Contains(wing)
               let code = CodeOf(wing)
               where code > MostCodeOfAWing
               select $"{wing}: {code}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_package_that_speaks_for_another_library_is_a_wing()
    {
        string[] wrong =
        [
            .. from package in _adapters
               let code = CodeOf(package)
               where code is 0 or > MostCodeOfAWing || Directory.GetDirectories(Path.Combine(Sources, package)).Any(it => !IsOutput(it))
               select $"{package}: {code}",
        ];
        Assert.Empty(wrong);
    }

    private static int CodeOf(string folder) => FilesOf(folder).Sum(file => Code(file).Count(line => !LoneBrace().IsMatch(line)));

    private static string[] FilesOf(string folder) => Directory.GetFiles(Path.Combine(Sources, folder), "*.cs");

    private static IEnumerable<string> Code(string file) =>
        from line in File.ReadLines(file)
        let text = line.Trim()
        where text.Length > 0 && !text.StartsWith("//", StringComparison.Ordinal)
        select line;

    private static bool IsOutput(string path) => path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj");

    [GeneratedRegex(@"^\s*\[(Fact|Theory)\b")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^\s+public (async )?(Task|ValueTask|void) (?<name>\w+)\(")]
    private static partial Regex MethodName();

    [GeneratedRegex("^[^_]*[a-z][A-Z][^_]*$")]
    private static partial Regex TwoWordsInOne();

    [GeneratedRegex(@"^\s*[{}]+[;,)]*\s*$")]
    private static partial Regex LoneBrace();
}
