using System.Buffers;
using System.Globalization;

namespace Redlock.Fast.Resp;

/// <summary>The first commands on a connection, and what their replies mean for it.</summary>
/// <remarks>A server may quote what AUTH was sent in its reply, so of that only the kind and the code are ever shown.</remarks>
/// <param name="connection">The connection.</param>
/// <param name="node">The node.</param>
/// <param name="scripts">What is loaded.</param>
/// <param name="leftOut">Steps at which the node closed an earlier connection.</param>
internal sealed class Handshake(RespConnection connection, NodeContext node, RespScript[] scripts, HandshakeStep leftOut) : ReplyHandler
{
    private readonly List<Expectation> _expected = [];
    private readonly ScriptSupport _scripts = new(node.Text);
    private readonly ServerIdentity _identity = new(node.Time);
    private SubstituteSupport? _substitutes;
    private volatile int _answered;

    /// <summary>The step whose reply comes next; none once all have come.</summary>
    public HandshakeStep Unanswered => _answered < _expected.Count ? _expected[_answered].Step : HandshakeStep.None;

    /// <summary>Puts the commands at the start of the line.</summary>
    /// <param name="queue">The connection's queue.</param>
    /// <param name="login">What the node is entered with.</param>
    public void Enqueue(RequestQueue queue, Login login)
    {
        RespNodeOptions options = node.Options;
        if (login.IsSent)
        {
            Enqueue(queue, new Expectation(HandshakeStep.Authenticate, "AUTH", RespType.SimpleString, "OK"), login.Command);
        }

        if (options.Database != 0)
        {
            Expectation ok = new(HandshakeStep.SelectDatabase, "SELECT", RespType.SimpleString, "OK");
            Enqueue(queue, ok, "SELECT", options.Database.ToString(CultureInfo.InvariantCulture));
        }

        if (options.ClientName is not null && !leftOut.HasFlag(HandshakeStep.SetName))
        {
            Expectation ok = new(HandshakeStep.SetName, "CLIENT SETNAME", RespType.SimpleString, "OK");
            Enqueue(queue, ok, "CLIENT", "SETNAME", options.ClientName);
        }

        if (scripts.Length > 0)
        {
            EnqueueScripts(queue);
        }

        if (!leftOut.HasFlag(HandshakeStep.AskForServer))
        {
            Enqueue(queue, new Expectation(HandshakeStep.AskForServer, "INFO", RespType.BulkString, text: null), "INFO", "server");
        }

        // A connection is ready when it has answered something.
        if (_expected.Count == 0)
        {
            Enqueue(queue, new Expectation(HandshakeStep.Ping, "PING", RespType.SimpleString, "PONG"), "PING");
        }
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        Expectation expected = _expected[(int)tag];
        if (expected.Step == HandshakeStep.AskForSubstitutes)
        {
            _substitutes!.Note(reply);
        }
        else if (reply.Type == RespType.Error)
        {
            if (PassingProblem(expected, reply) is { } passing)
            {
                connection.Finish(RequestFailure.NotConnected, passing);
                return;
            }

            if (Problem(expected.Step, reply) is { } problem)
            {
                connection.Finish(RequestFailure.Misconfigured, problem);
                return;
            }

            _scripts.Note(expected.Step, reply);
        }
        else if (!expected.IsMetBy(reply))
        {
            // Whatever answers so is not Redis, or has lost count of its replies: nothing behind this one is to be believed.
            string payload = expected.Step == HandshakeStep.Authenticate || reply.Bytes.IsEmpty
                ? string.Empty
                : $" {node.Text.Excerpt(reply.Bytes)}";
            connection.Finish(
                RequestFailure.NotConnected,
                $"{expected.Command} was answered with {ServerText.Kind(reply)}{payload} in place of {expected}; "
                + "the connection was closed. Check that the address is a Redis server's.");
            return;
        }

        if (expected.Step == HandshakeStep.AskForServer && reply.Type == RespType.BulkString)
        {
            _identity.Note(reply);
        }

        if (++_answered < _expected.Count)
        {
            return;
        }

        // A wrong guess would have keys set that nothing deletes, so what is known to stand in comes before it.
        if ((_scripts.Route == ScriptRoute.None || _scripts.IsGuess) && TryAskForSubstitutes())
        {
            return;
        }

        ScriptRoute route = _substitutes is { Route: not ScriptRoute.None and var found } ? found : _scripts.Route;
        if (route == ScriptRoute.None)
        {
            string problem = _scripts.Problem(_substitutes?.Problem) + RoleText.Of(_identity.Server.Role);
            connection.Finish(RequestFailure.Misconfigured, problem);
            return;
        }

        connection.Introduce(_identity.Server);
        connection.RunScripts(route);
        connection.BecomeReady();
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        // The connection is over; whoever ended it has said why.
    }

    /// <summary>
    /// What the node can't do now and will be able to do soon, so that the ordinary delay before the next dial is the right one.
    /// </summary>
    private static string? PassingProblem(Expectation expected, in RespReply error)
    {
        // Said to a connection before it has asked anything.
        if (error.Bytes.StartsWith("ERR max number of clients"u8))
        {
            return "the node has reached its maxclients and refuses new connections; it is dialed again soon.";
        }

        string code = ServerText.Code(error);
        bool isLogin = expected.Step is HandshakeStep.Authenticate or HandshakeStep.SelectDatabase;
        return isLogin && code is "BUSY" or "LOADING" or "MASTERDOWN" or "TRYAGAIN"
            ? $"{expected.Command} was answered with {code}: the node can't serve yet; the connection was closed and is tried again soon."
            : null;
    }

    private string? Problem(HandshakeStep step, in RespReply error)
    {
        string code = ServerText.Code(error);
        return (step, code) switch
        {
            (_, "DENIED") =>
                "the node is in protected mode and refuses this client (DENIED); set a password or a bind address on the server.",
            (HandshakeStep.Authenticate, _) => $"AUTH was refused with {code}; {RefusedLogin(code)}{AskedAgain}",
            (_, "NOAUTH") => "the node requires a password and none is set for it (NOAUTH).",
            (HandshakeStep.SelectDatabase, _) => $"SELECT was refused with {code}; check the database number and the user's permissions.",

            // A name is a convenience, and of scripts all the answers together decide.
            _ => null,
        };
    }

    private string AskedAgain =>
        node.Logins.Fixed is null ? " It came from the credentials callback, which is asked again at the next dial." : string.Empty;

    // The server's own words may repeat the password, so this stands for them.
    private static string RefusedLogin(string code) => code switch
    {
        "WRONGPASS" => "the user is unknown or off, or the password is wrong: see ACL GETUSER on the server.",
        "ERR" => "the server has no password set (leave it out, or set requirepass there), or is older than Redis 6 and knows no users.",
        "NOPERM" => "the user that the connection begins as may not run AUTH: see ACL LIST on the server.",
        _ => "check the user and the password of this node.",
    };

    /// <returns>False if there is nothing left to ask.</returns>
    private bool TryAskForSubstitutes()
    {
        if (_substitutes is not null)
        {
            return false;
        }

        _substitutes = new SubstituteSupport(node.Text);
        if (_scripts.LeftOut.HasFlag(HandshakeStep.AskForSubstitutes))
        {
            return false;
        }

        int firstTag = _expected.Count;
        foreach (string[] question in SubstituteSupport.Questions)
        {
            _expected.Add(new Expectation(HandshakeStep.AskForSubstitutes, question[0], RespType.None, text: null));
        }

        connection.AskInHandshake(this, firstTag, SubstituteSupport.Questions);
        return true;
    }

    private void EnqueueScripts(RequestQueue queue)
    {
        _scripts.LeftOut = leftOut;
        foreach (RespScript script in leftOut.HasFlag(HandshakeStep.LoadScript) ? [] : scripts)
        {
            Expectation digest = new(HandshakeStep.LoadScript, "SCRIPT LOAD", RespType.BulkString, script.Sha1);
            Enqueue(queue, digest, "SCRIPT", "LOAD", script.Text);
        }

        if (!leftOut.HasFlag(HandshakeStep.AskForTexts))
        {
            Enqueue(queue, new Expectation(HandshakeStep.AskForTexts, "EVAL", RespType.Integer, "1"), ScriptSupport.AskForTexts);
        }

        if (!leftOut.HasFlag(HandshakeStep.AskForDigests))
        {
            Enqueue(queue, new Expectation(HandshakeStep.AskForDigests, "EVALSHA", RespType.Integer, "1"), ScriptSupport.AskForDigests);
        }
    }

    private void Enqueue(RequestQueue queue, Expectation expected, params ReadOnlySpan<string> command)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, command);
        queue.AppendHandshake(frame.WrittenSpan, this, _expected.Count);
        _expected.Add(expected);
    }

    /// <summary>The one reply with which Redis says that it did what was asked.</summary>
    /// <param name="step">The step.</param>
    /// <param name="command">Its command.</param>
    /// <param name="type">Of which type the reply is.</param>
    /// <param name="text">What it says; <c>null</c> for whatever it is.</param>
    private sealed class Expectation(HandshakeStep step, string command, RespType type, string? text)
    {
        public HandshakeStep Step => step;

        public string Command => command;

        public bool IsMetBy(in RespReply reply)
        {
            ReadOnlySpan<byte> bytes = reply.Bytes;
            if (type == RespType.Integer)
            {
                return reply.Type == type && reply.Integer == 1;
            }

            if (text is null)
            {
                return reply.Type == type && !reply.IsNull;
            }

            bool isMet = reply.Type == type && bytes.Length == text.Length;

            // A process that starts would pay for the vector code of the library's comparison.
            for (int place = 0; isMet && place < bytes.Length; place++)
            {
                isMet = bytes[place] == text[place];
            }

            return isMet;
        }

        public override string ToString() => text is null ? $"{type}" : $"{type} {text}";
    }
}
