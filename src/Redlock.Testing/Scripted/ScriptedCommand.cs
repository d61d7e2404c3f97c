using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>One command that came to a scripted node, read as what it means to a lock.</summary>
internal sealed class ScriptedCommand
{
    // SET key owner NX PX milliseconds
    private const int LockWords = 6;

    // EVALSHA digest 1 key owner
    private const int UnlockWords = 5;

    // EVALSHA digest 1 key owner milliseconds
    private const int ExtendWords = 6;

    private readonly string[] _words;

    public ScriptedCommand(InMemoryRequest request)
    {
        _words = new string[request.Count];
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] = Encoding.UTF8.GetString(request[i]);
        }

        Kind = Classify();
        (Key, Owner) = Kind switch
        {
            CommandKind.Lock => (_words[1], _words[2]),
            CommandKind.Unlock or CommandKind.Extend => (_words[3], _words[4]),
            _ => (string.Empty, string.Empty),
        };
    }

    public CommandKind Kind { get; }

    /// <summary>What is locked, prefix included; empty if the command is about no lock.</summary>
    public string Key { get; }

    /// <summary>The owner id as stored; empty if the command is about no lock.</summary>
    public string Owner { get; }

    public ReadOnlySpan<string> Words => _words;

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

    private CommandKind Classify()
    {
        if (Is("SET") && _words.Length == LockWords)
        {
            return (Is(3, "NX") && Is(4, "PX")) || (Is(3, "PX") && Is(5, "NX")) ? CommandKind.Lock : CommandKind.Other;
        }

        if (IsCallOf(RedlockScripts.Release) && _words.Length == UnlockWords)
        {
            return CommandKind.Unlock;
        }

        return IsCallOf(RedlockScripts.Extend) && _words.Length == ExtendWords ? CommandKind.Extend : CommandKind.Other;
    }

    private bool IsCallOf(Resp.RespScript script) =>
        (Is("EVALSHA") && Is(1, script.Sha1)) || (Is("EVAL") && _words.Length > 1 && _words[1] == script.Text);
}

/// <summary>What a command means to a lock.</summary>
internal enum CommandKind
{
    /// <summary>Nothing: it is some other command.</summary>
    Other = 0,

    /// <summary>SET of an owner id if the key is absent.</summary>
    Lock,

    /// <summary>The library's release script, by its digest or its text.</summary>
    Unlock,

    /// <summary>The library's extend script, by its digest or its text.</summary>
    Extend,
}
