using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>
/// What a <see cref="ScriptedNode"/> does when a command comes: a reply, an error, silence, or the end of the connection.
/// </summary>
public sealed record Reply
{
    private Reply(ReplyKind kind, RespValue value, string text)
    {
        Kind = kind;
        Value = value;
        Text = text;
    }

    /// <summary>The simple string OK: a SET that took effect.</summary>
    public static Reply Ok { get; } = new(ReplyKind.Value, RespValue.SimpleString("OK"), "Ok");

    /// <summary>The null bulk string: a SET NX that found the key there, so the lock is contended.</summary>
    public static Reply Nil { get; } = new(ReplyKind.Value, RespValue.Null, "Nil");

    /// <summary>The integer 1 of the library's scripts: released, or extended.</summary>
    public static Reply Done { get; } = new(ReplyKind.Value, RespValue.FromInteger(1), "Done");

    /// <summary>The integer 0 of the library's scripts: no such key.</summary>
    public static Reply NothingThere { get; } = new(ReplyKind.Value, RespValue.FromInteger(0), "NothingThere");

    /// <summary>The integer -1 of the library's scripts: the key holds another owner's id.</summary>
    public static Reply HeldByOther { get; } = new(ReplyKind.Value, RespValue.FromInteger(-1), "HeldByOther");

    /// <summary>No reply to this command, nor to any other on its connection, which stays open.</summary>
    public static Reply Silence { get; } = new(ReplyKind.Silence, default, "Silence");

    /// <summary>The connection ends without a reply; replies to commands before it are still sent.</summary>
    public static Reply Close { get; } = new(ReplyKind.Close, default, "Close");

    internal ReplyKind Kind { get; }

    internal RespValue Value { get; private init; }

    internal TimeSpan Delay { get; private init; }

    /// <summary>Whether a SET that is answered like this has taken the key.</summary>
    internal bool Grants => Kind == ReplyKind.Value && Value == Ok.Value;

    /// <summary>What the script of who waits answers where SET answers this.</summary>
    /// <param name="succession">Whether the key was the predecessor's.</param>
    internal Reply OfTake(Succession succession) => Kind != ReplyKind.Value ? this
        : Value == Nil.Value ? this with { Value = HeldByOther.Value }
        : Grants && succession == Succession.OfAnOwner ? this with { Value = RespValue.SimpleString("SUCCEEDED") }
        : this;

    /// <summary>The same with a fencing token behind it, if it grants.</summary>
    internal Reply Fenced(long number) => Kind == ReplyKind.Value && Value.Type == RespType.SimpleString
        ? this with { Value = RespValue.SimpleString(string.Create(CultureInfo.InvariantCulture, $"{Value.AsString()} {number}")) }
        : this;

    private string Text { get; }

    /// <summary>An error.</summary>
    /// <param name="error">Code and text without the leading minus: <c>LOADING Redis is loading the dataset in memory</c>.</param>
    /// <exception cref="ArgumentException">The text has a line break.</exception>
    public static Reply Error(string error)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(error);
        return new(ReplyKind.Value, RespValue.Error(error), $"Error(\"{error}\")");
    }

    /// <summary>Any other value, such as a bulk string or an array.</summary>
    /// <param name="value">The reply as it is sent.</param>
    public static Reply Of(RespValue value) => value.Type == RespType.None
        ? throw new ArgumentException("A default RespValue is no value and can't be sent.", nameof(value))
        : new(ReplyKind.Value, value, $"Of({value})");

    /// <summary>The same, later; everything behind it on its connection waits too.</summary>
    /// <param name="delay">
    /// How long after the command came, on the clock of <see cref="ScriptedNodeOptions.TimeProvider"/>; zero or more.
    /// </param>
    public Reply After(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return this with { Delay = delay };
    }

    /// <summary>As it is written in a script.</summary>
    public override string ToString() => Delay == TimeSpan.Zero ? Text : $"{Text}.After({Delay.TotalMilliseconds:0.###} ms)";
}

/// <summary>Whose key an acquisition takes.</summary>
internal enum Succession
{
    /// <summary>Nobody's: it was free.</summary>
    OfNobody = 0,

    /// <summary>One that hands it on.</summary>
    OfAnOwner,
}

/// <summary>What a command's sender sees.</summary>
internal enum ReplyKind
{
    /// <summary>The connection ends.</summary>
    Close = 0,

    /// <summary>Nothing, from now on.</summary>
    Silence,

    /// <summary>A value, which can be an error.</summary>
    Value,
}
