using System.IO.Pipelines;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>A stand-in for a Redis node that plays a script: the commands a test expects, and what each of them is answered.</summary>
/// <remarks>
/// Write the script, hand <see cref="Nodes"/> to a <see cref="RedlockFactory"/>, run the code under test, call <see cref="Verify"/>.
/// What opens a connection (AUTH, SELECT, CLIENT SETNAME, SCRIPT LOAD, PING) is answered without being scripted, unless it is.
/// A command that the script does not expect is answered with an error, so that nothing hangs, and is told by <see cref="Verify"/>.
/// Thread-safe; everything goes through pipes inside this process.
/// </remarks>
public sealed class ScriptedNode : IDisposable, IAsyncDisposable
{
    // A command written to a pipe of this process is read within microseconds; the rest is for a machine busy with other tests.
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(10);

    private static int _made;

    private readonly Lock _gate = new();
    private readonly ScriptedNodeOptions _options;
    private readonly NodeScript _script;
    private readonly ThreadPipeScheduler _scheduler;
    private readonly CancellationTokenSource _life = new();
    private readonly List<PlayedNode> _nodes = [];
    private bool _isDisposed;

    /// <summary>Makes a node with an empty script.</summary>
    /// <param name="options">How the script is played; the defaults if null.</param>
    public ScriptedNode(ScriptedNodeOptions? options = null)
    {
        _options = options ?? new ScriptedNodeOptions();
        _script = new NodeScript(_options.Order, _options.UnscriptedReleases);
        Name = $"scripted-{Interlocked.Increment(ref _made)}";
        _scheduler = new ThreadPipeScheduler($"Redlock.Fast {Name}");
    }

    /// <summary>The node's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Opens connections that play the script, for a <see cref="RespNode"/> of the test's own making.</summary>
    /// <remarks>Of such a node <see cref="Verify"/> cannot tell what is still on its way: await every operation before it.</remarks>
    public Dialer Dialer => Dialer.From(Name, _ => new ValueTask<IDuplexPipe>(Connect(onSession: null)));

    /// <summary>Each command that came and was not expected, with the script as it stood then; empty as long as all is well.</summary>
    public IReadOnlyList<string> Unexpected => _script.Unexpected();

    /// <summary>Expects attempts to take a lock (SET NX PX, or the library's script of who has been refused and waits).</summary>
    /// <param name="name">The lock's name, with its key prefix.</param>
    /// <param name="replies">
    /// One for each attempt, and for each node that plays this script: <see cref="Reply.Ok"/>, <see cref="Reply.Nil"/>, an error... To the
    /// script they are said in its own words, also where the lock is handed on by one who was granted it before.
    /// </param>
    /// <returns>This node, for the next expectation.</returns>
    public ScriptedNode ExpectLock(Argument name, params ReadOnlySpan<Reply> replies) => Add(CommandKind.Lock, "lock", [name], replies);

    /// <summary>Expects releases of a lock (EVALSHA or EVAL of the library's script).</summary>
    /// <param name="name">The lock's name, with its key prefix.</param>
    /// <param name="replies">
    /// One for each time: <see cref="Reply.Done"/>, <see cref="Reply.NothingThere"/>, <see cref="Reply.HeldByOther"/>, an error...
    /// </param>
    /// <returns>This node, for the next expectation.</returns>
    public ScriptedNode ExpectUnlock(Argument name, params ReadOnlySpan<Reply> replies) =>
        Add(CommandKind.Unlock, "unlock", [name], replies);

    /// <summary>Expects extensions of a lock (EVALSHA or EVAL of the library's script).</summary>
    /// <param name="name">The lock's name, with its key prefix.</param>
    /// <param name="replies">
    /// One for each time: <see cref="Reply.Done"/>, <see cref="Reply.NothingThere"/>, <see cref="Reply.HeldByOther"/>, an error...
    /// </param>
    /// <returns>This node, for the next expectation.</returns>
    /// <remarks>
    /// A node that says <see cref="Reply.NothingThere"/> to an extension that a quorum grants is sent the lock again: an
    /// <see cref="ExpectLock"/> more.
    /// </remarks>
    public ScriptedNode ExpectExtend(Argument name, params ReadOnlySpan<Reply> replies) =>
        Add(CommandKind.Extend, "extend", [name], replies);

    /// <summary>Expects any command.</summary>
    /// <param name="command">Its name; letter case does not matter.</param>
    /// <param name="arguments">Its arguments, all of them.</param>
    /// <param name="replies">One for each time it comes.</param>
    /// <returns>This node, for the next expectation.</returns>
    public ScriptedNode Expect(string command, ReadOnlySpan<Argument> arguments, params ReadOnlySpan<Reply> replies)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        return Add(CommandKind.Other, command, arguments, replies);
    }

    /// <summary>Publishes a message to every connection that has subscribed to a channel.</summary>
    /// <param name="channel">The channel's name, sent as UTF-8.</param>
    /// <param name="payload">The message, sent as UTF-8.</param>
    /// <returns>How many connections they are.</returns>
    /// <remarks>
    /// SUBSCRIBE, UNSUBSCRIBE, PUBLISH and PUBSUB NUMSUB are answered as a node does without being scripted, unless they are:
    /// <c>Expect("SUBSCRIBE", ["name"], Reply.Error("NOPERM no"))</c> refuses one.
    /// </remarks>
    public int Publish(string channel, string payload)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(payload);
        return _script.Channels.Publish(Encoding.UTF8.GetBytes(channel), Encoding.UTF8.GetBytes(payload));
    }

    /// <summary>Makes connected nodes with different names that all play this one script.</summary>
    /// <param name="count">
    /// 1 to 31; more than one only for a script that is <see cref="ScriptOrder.Matched"/>, as several connections have no common order.
    /// </param>
    /// <param name="options">Limits and clock of the connections; the defaults if null.</param>
    /// <returns>The nodes, for a <see cref="RedlockFactory"/>. They are disposed with this one.</returns>
    public IReadOnlyList<RespNode> Nodes(int count, RespNodeOptions? options = null)
    {
        int quorum = RedlockFactory.Quorum(count);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_options.Order == ScriptOrder.InOrder && _nodes.Count + count > 1)
            {
                throw new InvalidOperationException(
                    $"{Name} is played in order, and commands on several connections have none: make one node, or set "
                        + $"{nameof(ScriptOrder)}.{nameof(ScriptOrder.Matched)}.");
            }

            _script.Quorum = quorum;
            List<RespNode> made = new List<RespNode>();
            for (int i = 0; i < count; i++)
            {
                PlayedNode node = new PlayedNode();
                _nodes.Add(node);
                string address = $"{Name}-{_nodes.Count}";
                node.Node = new RespNode(
                    Dialer.From(address, _ => new ValueTask<IDuplexPipe>(Connect(node.Add))),
                    options);
                made.Add(node.Node);
            }

            return made;
        }
    }

    /// <summary>Checks that everything expected has come, and nothing else.</summary>
    /// <exception cref="ScriptedNodeException">It has not; the text shows the script and what came.</exception>
    /// <remarks>
    /// It first waits, blocking, until all that was sent through <see cref="Nodes"/> has been read: an operation is decided before its last
    /// node has answered.
    /// </remarks>
    public void Verify()
    {
        SpinWait.SpinUntil(HasReadAll, _settleLimit);
        if (_script.Complaint() is { } complaint)
        {
            throw new ScriptedNodeException($"{Name}: {complaint}");
        }
    }

    /// <summary>Ends every connection and disposes of the nodes that were made.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        foreach (PlayedNode node in _nodes)
        {
            node.Node?.Dispose();
        }

        _ = _life.CancelAsync();
        _scheduler.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private ScriptedNode Add(CommandKind kind, string command, ReadOnlySpan<Argument> arguments, ReadOnlySpan<Reply> replies)
    {
        _script.Add(new ScriptedExpectation(kind, command, arguments, replies));
        return this;
    }

    private IDuplexPipe Connect(Action<ScriptedSession>? onSession)
    {
        (IDuplexPipe? client, IDuplexPipe? server) = CrossedPipes.Create(_scheduler);
        ScriptedSession session = new ScriptedSession(_script, server, _scheduler, _options.TimeProvider, _life.Token);
        onSession?.Invoke(session);
        session.Start();
        return client;
    }

    private bool HasReadAll()
    {
        lock (_gate)
        {
            foreach (PlayedNode node in _nodes)
            {
                // What was read and left without a reply stays pending at the client.
                if (node.Node is { } client && client.Pending > node.Unanswered)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>A node that was made, and the connections it has at present.</summary>
    private sealed class PlayedNode
    {
        private readonly Lock _gate = new();
        private readonly List<ScriptedSession> _sessions = [];

        public RespNode? Node { get; set; }

        public int Unanswered
        {
            get
            {
                lock (_gate)
                {
                    int sum = 0;
                    foreach (ScriptedSession session in _sessions)
                    {
                        sum += session.Unanswered;
                    }

                    return sum;
                }
            }
        }

        public void Add(ScriptedSession session)
        {
            session.Ended = Remove;
            lock (_gate)
            {
                _sessions.Add(session);
            }
        }

        private void Remove(ScriptedSession session)
        {
            lock (_gate)
            {
                _sessions.Remove(session);
            }
        }
    }
}
