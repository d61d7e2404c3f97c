using System.Globalization;
using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>One command that came to a scripted node, read as what it means to a lock.</summary>
internal sealed class ScriptedCommand
{
    private const int LockWords = 6;

    // EVALSHA digest keys key: what a script is called with before its own.
    private const int KeyWord = 3;

    // The lock's, and beside it the mark of those who wait, and a fence counter.
    private const int MostKeys = 3;

    private readonly string[] _words;

    public ScriptedCommand(InMemoryRequest request)
    {
        _words = new string[request.Count];
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] = Encoding.UTF8.GetString(request[i]);
        }

        Key = Owner = Predecessor = string.Empty;
        if (IsSetOfALock())
        {
            (Kind, Key, Owner) = (CommandKind.Lock, _words[1], _words[2]);
        }
        else if (FindScript() is { } script)
        {
            (Kind, Key, Owner) = (script, _words[KeyWord], Arguments[0]);
            IsTake = Kind == CommandKind.Lock;
            Proposal = IsTake && IsCallOf(FencingScripts.Take) ? ProposalIn(Arguments[2]) : 0;
            Predecessor = IsTake && Arguments.Length is 3 or 5 ? Arguments[^1] : string.Empty;
        }
    }

    public CommandKind Kind { get; }

    /// <summary>What is locked, prefix included; empty if the command is about no lock.</summary>
    public string Key { get; }

    /// <summary>The owner id as stored; empty if the command is about no lock.</summary>
    public string Owner { get; }

    /// <summary>The fencing token that a fenced acquisition proposes; zero if it is none.</summary>
    public long Proposal { get; }

    /// <summary>Whether a lock is asked for by the script of who waits.</summary>
    public bool IsTake { get; }

    /// <summary>Of an acquisition that is a release too, whose lock is released; else empty.</summary>
    public string Predecessor { get; }

    public ReadOnlySpan<string> Words => _words;

    private ReadOnlySpan<string> Arguments => _words.AsSpan(KeyWord + Keys);

    private int Keys => int.TryParse(_words[KeyWord - 1], NumberStyles.None, CultureInfo.InvariantCulture, out int keys) ? keys : 0;

    public bool Is(string name) => Is(0, name);

    public bool Is(int word, string text) => word < _words.Length && string.Equals(_words[word], text, StringComparison.OrdinalIgnoreCase);

    /// <summary>What it does, with its words, on one line; of a log-in only its name, for the rest is secret.</summary>
    public override string ToString() => Resp.PrintableText.Of(
        Is("AUTH") || Is("HELLO") ? $"{_words[0]} ..." : Kind switch
        {
            CommandKind.Unlock => $"unlock \"{Key}\" of owner {Owner} ({_words[0]})",
            CommandKind.Extend => $"extend \"{Key}\" of owner {Owner} ({_words[0]})",
            CommandKind.Lock => $"lock \"{Key}\" for owner {Owner}: {string.Join(' ', _words)}",
            _ => string.Join(' ', _words),
        });

    // SET key owner NX PX milliseconds
    private bool IsSetOfALock() =>
        Is("SET") && _words.Length == LockWords && ((Is(3, "NX") && Is(4, "PX")) || (Is(3, "PX") && Is(5, "NX")));

    private CommandKind? FindScript()
    {
        if (_words.Length <= KeyWord || Keys is < 1 or > MostKeys || _words.Length < KeyWord + Keys)
        {
            return null;
        }

        return IsCallOf(RedlockScripts.Release) && Arguments.Length == 1 ? CommandKind.Unlock
            : IsCallOf(RedlockScripts.Extend) && Arguments.Length == 2 ? CommandKind.Extend
            : IsCallOf(RedlockScripts.Take) && Arguments.Length is 2 or 3 ? CommandKind.Lock
            : IsCallOf(FencingScripts.Take) && Arguments.Length is 4 or 5 ? CommandKind.Lock
            : IsCallOf(FencingScripts.Raise) && Arguments.Length == 4 ? CommandKind.Extend
            : null;
    }

    private static long ProposalIn(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long proposal) ? proposal : 0;

    private bool IsCallOf(Resp.RespScript script) =>
        (Is("EVALSHA") && Is(1, script.Sha1)) || (Is("EVAL") && _words.Length > 1 && _words[1] == script.Text);
}

/// <summary>What a command means to a lock.</summary>
internal enum CommandKind
{
    /// <summary>Nothing: it is some other command.</summary>
    Other = 0,

    /// <summary>SET of an owner id if the key is absent, or the library's script of who waits, by its digest or its text.</summary>
    Lock,

    /// <summary>The library's release script, by its digest or its text.</summary>
    Unlock,

    /// <summary>The library's extend script, by its digest or its text.</summary>
    Extend,
}
