using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>The node's end of a link: reads commands out of bytes, has them executed, answers in bytes.</summary>
internal sealed class NodeSession : INodeListener
{
    private const string WrongPassword = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    private readonly ByteLink _link;
    private readonly SimulatedNode _node;
    private readonly FrameBook _frames;
    private readonly SeededRandom _random;
    private readonly FrameReader _reader = new();
    private readonly HashSet<string> _channels = [];
    private readonly HashSet<string> _asked = [];
    private readonly int _life;
    private long _saidBytes;
    private long _loginEnd = long.MaxValue;
    private bool _isHealthyLogin;
    private bool _isOver;

    public NodeSession(ByteLink link, SimulatedNode node, FrameBook frames, SeededRandom random)
    {
        _link = link;
        _node = node;
        _frames = frames;
        _random = random;
        _life = node.Lives;
        if (node.Trouble == LoginTrouble.TooManyClients)
        {
            Answer("-ERR max number of clients reached\r\n");
            HangUp();
        }
    }

    private bool IsOver => _isOver || !_node.IsUp || _life != _node.Lives;

    /// <summary>The client is gone.</summary>
    public void Leave()
    {
        _isOver = true;
        _node.Forget(this);
    }

    public void Receive(byte[] bytes)
    {
        if (IsOver)
        {
            return;
        }

        List<string[]>? commands = _reader.Read(bytes);
        if (commands is null)
        {
            _link.World.Fail(Invariant.FramesAreInOrder, $"{_link.Name}: what has arrived is no command");
            return;
        }

        foreach (string[] command in commands)
        {
            _node.Receive(() => Execute(command));
        }
    }

    void INodeListener.Say(string channel, string payload) => Say($"*3\r\n{Bulk("message")}{Bulk(channel)}{Bulk(payload)}");

    private void Execute(string[] command)
    {
        if (IsOver)
        {
            return;
        }

        if (SimulatedRequest.IsMadeOf(command))
        {
            Execute(SimulatedRequest.Of(command), command);
        }
        else
        {
            _asked.Add(command[0]);
            Answer(ReplyTo(command));
        }
    }

    private void Execute(SimulatedRequest request, string[] command)
    {
        if (_node.ScriptsKnown.Refusal(command) is { } refusal)
        {
            _link.Log.NoteRefused(request);
            bool isAskedEnough = _node.ScriptsKnown.Deletion is null
                ? _asked.Contains("SCRIPT") && _asked.Contains("EVALSHA")
                : _asked.Contains("SET");
            if (!isAskedEnough)
            {
                // It hung up at so many of the first commands that the client can only guess what it knows.
                _node.NoteRefusedRelease(request);
            }

            Answer(request, refusal);
            return;
        }

        _node.Execute(new FrameSender(_link.Name, _link.IsOver), request, reply =>
        {
            if (reply.StartsWith("-NOSCRIPT", StringComparison.Ordinal) && !_link.Log.NoteRefused(request))
            {
                _node.NoteRefusedRelease(request);
            }

            Answer(request, reply);
        });
    }

    private void Answer(SimulatedRequest request, string reply)
    {
        if (request.IsSubstitute && reply.StartsWith(':'))
        {
            // What a command does not tell apart.
            reply = reply == ":1\r\n" || request.Predecessor is not null ? reply : ":0\r\n";
        }

        _frames.NoteSaid(request, reply[..^"\r\n".Length]);
        if (_node.ScriptsKnown.Deletion is not null && reply == "$-1\r\n")
        {
            // A SET may stand in for the script of who waits.
            _frames.NoteSaid(request, ":-1");
        }

        Answer(request.IsSubstitute && !request.IsRelease ? InWordsOfSet(reply) : reply);
    }

    private static string InWordsOfSet(string reply) => reply switch
    {
        ":1\r\n" or "+SUCCEEDED\r\n" => "+OK\r\n",
        ":0\r\n" or ":-1\r\n" => "$-1\r\n",
        _ => reply,
    };

    private void Answer(string reply)
    {
        _saidBytes += reply.Length;
        _link.Log.NoteReply(_saidBytes);
        Send(reply);
    }

    /// <summary>What nobody has asked for.</summary>
    private void Say(string push)
    {
        if (!IsOver)
        {
            _saidBytes += push.Length;
            Send(push);
        }
    }

    private void Send(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        if (_link.World.IsOn(Fault.HangUps) && _random.Chance(0.01))
        {
            _link.World.Note(_node.Name, "hangs up", _link.Name);
            _link.Say(bytes.AsSpan(0, _random.Next(bytes.Length)));
            HangUp();
            return;
        }

        _link.Say(bytes);
    }

    private void HangUp()
    {
        Leave();
        _link.HangUp();
    }

    private string ReplyTo(string[] command) => command[0] switch
    {
        "AUTH" => _node.Trouble switch
        {
            LoginTrouble.WrongPassword => WrongPassword,
            LoginTrouble.Loading => "-LOADING Redis is loading the dataset in memory\r\n",
            _ => LogIn(SimulatedLogins.EndOf(command[^1])),
        },
        "SELECT" when _node.Trouble == LoginTrouble.Loading => "-LOADING Redis is loading the dataset in memory\r\n",
        "SELECT" or "CLIENT" => "+OK\r\n",
        "PING" => _channels.Count > 0 ? $"*2\r\n{Bulk("pong")}{Bulk("")}" : "+PONG\r\n",
        "INFO" => Bulk($"# Server\r\nrun_id:{_node.Age.RunId}\r\nuptime_in_seconds:{_node.Age.UptimeSeconds}\r\n"),
        "SUBSCRIBE" => Subscribe(command[1]),
        "UNSUBSCRIBE" => Unsubscribe(command[1]),
        "SCRIPT" or "EVAL" or "EVALSHA" => _node.ScriptsKnown.Answer(command),
        "SET" or "DELIFEQ" or "DELEX" => _node.ScriptsKnown.AnswerProbe(command),
        _ => throw new InvalidOperationException($"The simulated node does not know {command[0]}."),
    };

    private string LogIn(long end)
    {
        if (_channels.Count > 0)
        {
            return "-ERR Can't execute 'auth': only SUBSCRIBE / UNSUBSCRIBE / PING are allowed in this context\r\n";
        }

        if (end <= _link.World.Now || (end != long.MaxValue && _link.World.IsOn(Fault.ExpiringLogins) && _random.Chance(0.1)))
        {
            return WrongPassword;
        }

        _link.World.Note(_node.Name, "lets in", $"{_link.Name} until {end / 1e6:0.000} ms");

        // Where wall clocks leap, nobody can know how long it is until a moment on them.
        (_loginEnd, _isHealthyLogin) = (end, _link.World.IsHealed && !_link.World.Plan.Has(Fault.WallClocks));
        if (end != long.MaxValue)
        {
            _link.World.At(end, HangUpOnWhoHasEnded);
        }

        return "+OK\r\n";
    }

    private void HangUpOnWhoHasEnded()
    {
        // Nobody is owed a renewal who could not know when it was due, and a healthy world is one that nobody is thrown out of.
        bool isLetOff = _link.World.IsHealed && _link.World.Plan.Has(Fault.WallClocks);
        if (!IsOver && !isLetOff && _loginEnd <= _link.World.Now)
        {
            _link.World.Note(_node.Name, "ends a login", _link.Name);
            if (_isHealthyLogin && !_link.Client.IsHeldUp)
            {
                _link.World.Fail(Invariant.LoginsAreRenewed, $"{_link.Name}: the login ended, and no other came");
            }

            HangUp();
        }
    }

    private string Subscribe(string channel)
    {
        if (!_node.TryListen(channel, this))
        {
            return "-NOPERM No permissions to access a channel\r\n";
        }

        _channels.Add(channel);
        return Confirmation("subscribe", channel);
    }

    private string Unsubscribe(string channel)
    {
        _node.Forget(channel, this);
        _channels.Remove(channel);
        return Confirmation("unsubscribe", channel);
    }

    private string Confirmation(string kind, string channel) =>
        string.Create(CultureInfo.InvariantCulture, $"*3\r\n{Bulk(kind)}{Bulk(channel)}:{_channels.Count}\r\n");

    private static string Bulk(string text) => string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");
}

/// <summary>Why a node lets nobody in for a while.</summary>
internal enum LoginTrouble
{
    None = 0,
    WrongPassword,
    Loading,
    TooManyClients,
}
