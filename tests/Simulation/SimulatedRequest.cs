using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>One command on its way: what it says, who waits for it, how far it has come.</summary>
internal sealed class SimulatedRequest
{
    // EVAL and EVALSHA have the script and the number of keys before it.
    private const int FirstKey = 3;

    private SimulatedRequest(string[] arguments, in RespRequest request)
    {
        Arguments = arguments;
        Handler = Asker = request.Handler;
        Tag = request.Tag;
        DeadlineTicks = request.DeadlineTicks;
        Script = request.Script;
        IsReserved = request.Priority == RequestPriority.Reserved;
        IsHeal = request.Handler is Healing && IsAcquire;
    }

    public string[] Arguments { get; }

    /// <summary>Who is still to be told; null once told.</summary>
    public ReplyHandler? Handler { get; set; }

    /// <summary>Who knows whether it is still to be executed.</summary>
    public ReplyHandler? Asker { get; }

    public long Tag { get; }

    public long DeadlineTicks { get; }

    /// <summary>The script that it runs by digest.</summary>
    public RespScript? Script { get; }

    public bool IsReserved { get; }

    /// <summary>Its number on its connection.</summary>
    public long Number { get; set; }

    /// <summary>It is executed and answered before the sending call has returned.</summary>
    public bool IsEager { get; set; }

    public bool IsAnswered { get; set; }

    public bool IsExecuted { get; set; }

    /// <summary>It was lost on the way.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether it gives the key to its owner again. A node does not know it from the attempt of a new owner.</summary>
    public bool IsHeal { get; }

    /// <summary>Whether it is the attempt of a new owner.</summary>
    public bool IsAttempt => IsAcquire && !IsHeal;

    /// <summary>Whether it can give the key to a new owner.</summary>
    public bool IsAcquire => Arguments[0] == "SET" || IsTake;

    public bool IsTake => Runs(RedlockScripts.Take) || IsFencedTake;

    /// <summary>Whether it gives a number.</summary>
    public bool IsFencedTake => Runs(FencingScripts.Take);

    /// <summary>Whether it raises a number.</summary>
    public bool IsRaise => Runs(FencingScripts.Raise);

    public bool IsRelease => Runs(RedlockScripts.Release);

    public string Key => Arguments[Arguments[0] == "SET" ? 1 : FirstKey];

    /// <summary>The key that says that somebody waits; null if the script is given none.</summary>
    public string? Mark => Arguments[0] != "SET" && !IsRaise && Keys > MarkPlace ? Arguments[FirstKey + MarkPlace] : null;

    /// <summary>The key that counts the holders.</summary>
    public string Counter => Arguments[FirstKey + 1];

    /// <summary>The number that it proposes, or raises the counter to.</summary>
    public string FencingNumber => Arguments[FirstKey + Keys + 2];

    public string CounterLife => Arguments[FirstKey + Keys + 3];


    public string Owner => Arguments[0] == "SET" ? Arguments[2] : Arguments[FirstKey + Keys];

    public string Expiry => Arguments[0] == "SET" ? Arguments[5] : Arguments[FirstKey + Keys + 1];

    /// <summary>Whom the owner succeeds; null if nobody.</summary>
    public string? Predecessor => IsTake && Arguments.Length == FirstKey + Keys + (IsFencedTake ? 5 : 3) ? Arguments[^1] : null;

    public string Verb => IsHeal ? "heal"
        : IsTake ? Predecessor is null ? "take" : "succeed"
        : IsAcquire ? "acquire"
        : IsRelease ? "release"
        : IsRaise ? "raise"
        : "extend";

    /// <summary>The same for a command and what repeats it in other words, and different for any other.</summary>
    /// <remarks>
    /// Nor does it tell the mark, and whether a newcomer came by SET or by a script: a node without scripts is told neither.
    /// </remarks>
    public string Words
    {
        get
        {
            string verb = IsHeal || (IsAcquire && Predecessor is null) ? "take" : Verb;
            return IsFencedTake || IsRaise
                ? $"{verb} {string.Join(' ', Arguments[2..])}"
                : $"{verb} {Key} {Owner} {(IsRelease ? "" : Expiry)} {Predecessor}";
        }
    }

    /// <summary>Whether it came as a plain command that stands in for a script.</summary>
    public bool IsSubstitute { get; private init; }

    public static SimulatedRequest Read(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        RespReader reader = new();
        if (reader.TryRead(frame, out RespReply command, out int consumed) != RespReadStatus.Done || consumed != frame.Length)
        {
            throw new InvalidOperationException("What was sent is not one whole frame.");
        }

        return new SimulatedRequest(ArgumentsOf(command), request);
    }

    /// <summary>A command that is known by its bytes alone.</summary>
    public static SimulatedRequest Of(string[] arguments)
    {
        RespRequest request = new() { DeadlineTicks = long.MaxValue };
        return ScriptOf(arguments) is { } script
            ? new SimulatedRequest(script, request) { IsSubstitute = true }
            : new SimulatedRequest(arguments, request);
    }

    /// <summary>Whether a command is one of these, and not a part of a handshake.</summary>
    public static bool IsMadeOf(string[] arguments) =>
        (arguments[0] is "SET" or "DELIFEQ" or "DELEX" && !IsProbe(arguments))
        || (arguments[0] is "EVAL" or "EVALSHA" && arguments[2] != "0");

    /// <summary>Whether it only asks whether the command is there.</summary>
    public static bool IsProbe(string[] arguments) =>
        arguments.Length > 2 && arguments[1].StartsWith("redlock.fast:", StringComparison.Ordinal);

    // The script that a command stands in for, as if it had been called.
    private static string[]? ScriptOf(string[] arguments) => arguments switch
    {
        ["DELIFEQ", var key, var owner] => ["EVALSHA", RedlockScripts.Release.Sha1, "1", key, owner],
        ["DELEX", var key, "IFEQ", var owner] => ["EVALSHA", RedlockScripts.Release.Sha1, "1", key, owner],
        ["SET", var key, var owner, "IFEQ", var old, "PX", var expiry] => owner == old
            ? ["EVALSHA", RedlockScripts.Extend.Sha1, "1", key, owner, expiry]
            : ["EVALSHA", RedlockScripts.Take.Sha1, "1", key, owner, expiry, old],
        _ => null,
    };

    public static string[] ArgumentsOf(in RespReply command)
    {
        string[] arguments = new string[command.Count];
        int place = 0;
        foreach (RespReply argument in command)
        {
            arguments[place++] = Encoding.UTF8.GetString(argument.Bytes);
        }

        return arguments;
    }

    /// <summary>The same command with the text of its script in place of the digest; it takes over who waits.</summary>
    public SimulatedRequest WithText()
    {
        SimulatedRequest repeat = new(
            ["EVAL", Script!.Text, .. Arguments[2..]],
            new RespRequest { Handler = Handler, Tag = Tag, DeadlineTicks = DeadlineTicks, Priority = RequestPriority.Reserved });
        Handler = null;
        return repeat;
    }

    private int MarkPlace => IsFencedTake ? 2 : 1;

    private int Keys => int.Parse(Arguments[2], CultureInfo.InvariantCulture);

    private bool Runs(RespScript script) => Arguments[0] switch
    {
        "EVALSHA" => Arguments[1] == script.Sha1,
        "EVAL" => Arguments[1] == script.Text,
        _ => false,
    };
}
