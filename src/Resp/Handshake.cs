using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>The first commands on a connection, and what their replies mean for it.</summary>
/// <remarks>A server may quote what AUTH was sent in its error, so of those only the code is ever shown.</remarks>
internal sealed class Handshake(RespConnection connection, string name) : ReplyHandler
{
    private int _unanswered;

    private enum Step : byte
    {
        None = 0,
        Authenticate,
        SelectDatabase,
        SetName,
        LoadScript,
        Ping,
    }

    /// <summary>Puts the commands at the start of the line.</summary>
    public void Enqueue(RequestQueue queue, RespNodeOptions options, ReadOnlySpan<RespScript> scripts)
    {
        if (options.Password is not null)
        {
            Enqueue(queue, Step.Authenticate, options.User is null ? ["AUTH", options.Password] : ["AUTH", options.User, options.Password]);
        }

        if (options.Database != 0)
        {
            Enqueue(queue, Step.SelectDatabase, "SELECT", options.Database.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (options.ClientName is not null)
        {
            Enqueue(queue, Step.SetName, "CLIENT", "SETNAME", options.ClientName);
        }

        foreach (RespScript script in scripts)
        {
            Enqueue(queue, Step.LoadScript, "SCRIPT", "LOAD", script.Text);
        }

        // A connection is ready when it has answered something.
        if (_unanswered == 0)
        {
            Enqueue(queue, Step.Ping, "PING");
        }
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        if (reply.Type == RespType.Error && Problem((Step)tag, reply) is { } problem)
        {
            connection.Finish(new ConnectionEnd(RequestFailure.Misconfigured, $"{name}: {problem}"));
            return;
        }

        if (--_unanswered == 0)
        {
            connection.BecomeReady();
        }
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        // The connection is over; whoever ended it has said why.
    }

    private static string? Problem(Step step, in RespReply error)
    {
        string code = ErrorText.Code(error);
        return (step, code) switch
        {
            (_, "DENIED") => "the node is in protected mode and refuses this client (DENIED); set a password or a bind address on the server.",
            (_, "ERR") when error.Bytes.StartsWith("ERR max number of clients"u8) => "the node has reached its maxclients and refuses new connections.",
            (Step.Authenticate, _) => $"AUTH was refused with {code}; check the user and the password of this node.",
            (_, "NOAUTH") => "the node requires a password and none is set for it (NOAUTH).",
            (Step.SelectDatabase, _) => $"SELECT was refused with {code}; check the database number and the user's permissions.",

            // The rest is a convenience: without a name or a preloaded script everything still works.
            _ => null,
        };
    }

    private void Enqueue(RequestQueue queue, Step step, params ReadOnlySpan<string> command)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, command);
        queue.Append(frame.WrittenSpan, new RespRequest { Handler = this, Tag = (long)step, DeadlineTicks = long.MaxValue });
        _unanswered++;
    }
}
