using System.Buffers;
using System.Globalization;

namespace Redlock.Fast.Resp;

/// <summary>The first commands on a connection, and what their replies mean for it.</summary>
/// <remarks>A server may quote what AUTH was sent in its reply, so of that only the kind and the code are ever shown.</remarks>
internal sealed class Handshake(RespConnection connection, string name, ServerText serverText) : ReplyHandler
{
    private readonly List<Expectation> _expected = [];
    private int _answered;

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
            Expectation ok = new(Step.Authenticate, "AUTH", RespType.SimpleString, "OK");
            Enqueue(queue, ok, options.User is null ? ["AUTH", options.Password] : ["AUTH", options.User, options.Password]);
        }

        if (options.Database != 0)
        {
            Expectation ok = new(Step.SelectDatabase, "SELECT", RespType.SimpleString, "OK");
            Enqueue(queue, ok, "SELECT", options.Database.ToString(CultureInfo.InvariantCulture));
        }

        if (options.ClientName is not null)
        {
            Enqueue(queue, new Expectation(Step.SetName, "CLIENT SETNAME", RespType.SimpleString, "OK"), "CLIENT", "SETNAME", options.ClientName);
        }

        foreach (RespScript script in scripts)
        {
            Enqueue(queue, new Expectation(Step.LoadScript, "SCRIPT LOAD", RespType.BulkString, script.Sha1), "SCRIPT", "LOAD", script.Text);
        }

        // A connection is ready when it has answered something.
        if (_expected.Count == 0)
        {
            Enqueue(queue, new Expectation(Step.Ping, "PING", RespType.SimpleString, "PONG"), "PING");
        }
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        Expectation expected = _expected[(int)tag];
        if (reply.Type == RespType.Error)
        {
            if (PassingProblem(expected, reply) is { } passing)
            {
                connection.Finish(new ConnectionEnd(RequestFailure.NotConnected, $"{name}: {passing}"));
                return;
            }

            if (Problem(expected.Step, reply) is { } problem)
            {
                connection.Finish(new ConnectionEnd(RequestFailure.Misconfigured, $"{name}: {problem}"));
                return;
            }
        }
        else if (!expected.IsMetBy(reply))
        {
            // Whatever answers so is not Redis, or has lost count of its replies: nothing behind this one is to be believed.
            string payload = expected.Step == Step.Authenticate || reply.Bytes.IsEmpty ? string.Empty : $" {serverText.Excerpt(reply.Bytes)}";
            connection.Finish(new ConnectionEnd(
                RequestFailure.NotConnected,
                $"{name}: {expected.Command} was answered with {ErrorText.Kind(reply)}{payload} in place of {expected}; "
                + "the connection was closed. Check that the address is a Redis server's."));
            return;
        }

        if (++_answered == _expected.Count)
        {
            connection.BecomeReady();
        }
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        // The connection is over; whoever ended it has said why.
    }

    /// <summary>What the node can't do now and will be able to do soon, so that the ordinary delay before the next dial is the right one.</summary>
    private static string? PassingProblem(Expectation expected, in RespReply error)
    {
        string code = ErrorText.Code(error);
        return (expected.Step, code) is (Step.Authenticate or Step.SelectDatabase, "BUSY" or "LOADING" or "MASTERDOWN" or "TRYAGAIN")
            ? $"{expected.Command} was answered with {code}: the node can't serve yet; the connection was closed and is tried again soon."
            : null;
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

    private void Enqueue(RequestQueue queue, Expectation expected, params ReadOnlySpan<string> command)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, command);
        queue.AppendHandshake(frame.WrittenSpan, this, _expected.Count);
        _expected.Add(expected);
    }

    /// <summary>The one reply with which Redis says that it did what was asked.</summary>
    private sealed class Expectation(Step step, string command, RespType type, string text)
    {
        public Step Step => step;

        public string Command => command;

        public bool IsMetBy(in RespReply reply)
        {
            ReadOnlySpan<byte> bytes = reply.Bytes;
            bool isMet = reply.Type == type && bytes.Length == text.Length;

            // A process that starts would pay for the vector code of the library's comparison.
            for (int place = 0; isMet && place < bytes.Length; place++)
            {
                isMet = bytes[place] == text[place];
            }

            return isMet;
        }

        public override string ToString() => $"{type} {text}";
    }
}
