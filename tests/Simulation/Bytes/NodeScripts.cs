using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Redlock.Fast.Simulation;

/// <summary>The scripts that a node has in mind, and the commands by which it runs any.</summary>
internal sealed class NodeScripts
{
    private readonly HashSet<string> _loaded = [];

    private string? _lacking;

    /// <summary>The command that the node has in place of scripts, none of which it runs; null if it runs them.</summary>
    public string? Deletion { get; private init; }

    /// <summary>What a node of a plan knows: one of the ways to run a script at least, or what stands in for all of them.</summary>
    public static NodeScripts Of(SimulationPlan plan, int index)
    {
        if (!plan.Has(Fault.ScriptRefusals))
        {
            return new NodeScripts();
        }

        SeededRandom random = new SeededRandom(plan.Seed).Fork(RandomStream.Bytes, index);
        string? lacking = random.Pick(null, "EVAL", "EVALSHA", "SCRIPT");
        bool isScriptless = !plan.IsFenced && random.Chance(0.25);
        return new NodeScripts { _lacking = lacking, Deletion = isScriptless ? random.Pick("DELIFEQ", "DELEX") : null };
    }

    public void Forget() => _loaded.Clear();

    /// <summary>What the node says to a command that it does not know; null if it does.</summary>
    public string? Refusal(string[] arguments) =>
        arguments[0] == _lacking || IsOtherDeletion(arguments[0])
            || (Deletion is not null && (arguments[0] is "SCRIPT" or "EVAL" or "EVALSHA"))
            ? $"-ERR unknown command '{arguments[0]}', with args beginning with: \r\n"
            : null;

    /// <summary>What it says to who asks for what it has in place of scripts.</summary>
    public string AnswerProbe(string[] arguments) =>
        Refusal(arguments) ?? (arguments[0] == "SET" ? Deletion is null ? "-ERR syntax error\r\n" : "$-1\r\n" : ":0\r\n");

    private bool IsOtherDeletion(string command) => command is "DELIFEQ" or "DELEX" && command != Deletion;

    /// <summary>Whether it can run what a command names; running a text loads it.</summary>
    public bool Knows(string[] arguments)
    {
        if (arguments[0] == "EVAL")
        {
            _loaded.Add(DigestOf(arguments[1]));
        }

        return arguments[0] != "EVALSHA" || _loaded.Contains(arguments[1]);
    }

    /// <summary>A handshake's commands.</summary>
    public string Answer(string[] arguments)
    {
        if (Refusal(arguments) is { } refusal)
        {
            return refusal;
        }

        if (arguments[0] != "SCRIPT")
        {
            return Knows(arguments) ? ":1\r\n" : "-NOSCRIPT No matching script. Please use EVAL.\r\n";
        }

        string digest = DigestOf(arguments[2]);
        _loaded.Add(digest);
        return string.Create(CultureInfo.InvariantCulture, $"${digest.Length}\r\n{digest}\r\n");
    }

    // Known texts are few, and a run asks for their digests thousands of times.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _digests = new();

    private static string DigestOf(string text) => _digests.GetOrAdd(text, static text =>
#pragma warning disable CA5350 // It is what Redis names a script by.
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text))));
#pragma warning restore CA5350
}
