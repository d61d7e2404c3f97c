using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>What is sent in the place of a script to a server that runs none for this client, and how its replies are read.</summary>
/// <remarks>
/// A server without EVALSHA and EVAL is asked, when the connection is made, whether it has <c>SET ... IFEQ</c> and <c>DELIFEQ</c> (Valkey
/// 9.0) or <c>DELEX</c> (Redis 8.4). Where it has not, the node is <see cref="RequestFailure.Misconfigured"/>.
/// </remarks>
public sealed class RespScriptSubstitute
{
    private readonly RespValue _done;
    private readonly RespValue _notDone;

    /// <summary>A command that does the same, or most of it.</summary>
    /// <param name="command">Which.</param>
    /// <param name="done">What the script would have answered: shown to the handler where the command has done it.</param>
    /// <param name="notDone">The same where the command has done nothing.</param>
    /// <exception cref="ArgumentException">
    /// The command is none, or a reply is neither a number nor a line: nothing else is a view of its own bytes.
    /// </exception>
    public RespScriptSubstitute(RespSubstituteCommand command, RespValue done, RespValue notDone)
    {
        if (command is RespSubstituteCommand.None or > RespSubstituteCommand.DeleteIfEqual)
        {
            throw new ArgumentException("Name the command that does it.", nameof(command));
        }

        Command = command;
        _done = Checked(done, nameof(done));
        _notDone = Checked(notDone, nameof(notDone));
    }

    // The same by the other command.
    private RespScriptSubstitute(RespScriptSubstitute other)
    {
        (Command, _done, _notDone) = (other.Command, other._done, other._notDone);
        IsByDelEx = true;
    }

    private RespScriptSubstitute(string reason) => _notDone = RespValue.Error($"{RefusalCode} {reason}");

    /// <summary>How an error begins that stands for what no command can do.</summary>
    public static string RefusalCode => "NOSCRIPTS";

    /// <summary>Which command it is.</summary>
    public RespSubstituteCommand Command { get; }

    /// <summary>
    /// What stands in its place where the call has a third argument, a value to compare with; <c>null</c>: the argument means nothing.
    /// </summary>
    public RespScriptSubstitute? Comparing { get; init; }

    /// <summary>There is no command that could do it: the handler is shown an error in the place of the server's.</summary>
    /// <param name="reason">Behind <see cref="RefusalCode"/>: what can't be had without scripts, and what to do. One line.</param>
    public static RespScriptSubstitute Refusing(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new RespScriptSubstitute(reason);
    }

    internal bool IsByDelEx { get; }

    /// <summary>The same where DELEX is there, and no DELIFEQ. Made once: a request allocates nothing.</summary>
    internal RespScriptSubstitute WithDelEx =>
        Command == RespSubstituteCommand.DeleteIfEqual ? field ??= new RespScriptSubstitute(this) : this;

    /// <summary>What is sent, for figures.</summary>
    internal string Name => Command switch
    {
        RespSubstituteCommand.None => "EVALSHA",
        RespSubstituteCommand.DeleteIfEqual => IsByDelEx ? "DELEX" : "DELIFEQ",
        _ => "SET",
    };

    /// <summary>Tells a reply to whoever still waits, in the words of the script if something stood in its place.</summary>
    internal static void Tell(ReplyHandler? handler, long tag, in RespReply reply, RespScriptSubstitute? substitute)
    {
        if (substitute is null)
        {
            handler?.OnReply(tag, reply);
        }
        else
        {
            handler?.OnReply(tag, substitute.Read(reply));
        }
    }

    /// <summary>The reply of the command in the words of the script; an error stays what it is.</summary>
    private RespReply Read(in RespReply reply)
    {
        if (Command == RespSubstituteCommand.None)
        {
            return View(_notDone);
        }

        bool isDone = reply.Type == RespType.Integer ? reply.Integer == 1
            : reply.Type == RespType.SimpleString && reply.Bytes.SequenceEqual("OK"u8);
        bool isNotDone = reply.IsNull || (reply.Type == RespType.Integer && reply.Integer == 0);
        return isDone ? View(_done) : isNotDone ? View(_notDone) : reply;
    }

    private static RespReply View(in RespValue value) => new(value.Type, value.Integer, value.Bytes.Span);

    private static RespValue Checked(RespValue reply, string name) =>
        reply.Type is RespType.Integer or RespType.SimpleString
            ? reply
            : throw new ArgumentException("It is a number or a simple string.", name);
}
