using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>What can go wrong with an <see cref="InMemoryNode"/>, switched on and off while it runs.</summary>
/// <remarks>
/// Thread-safe. A fault set for some commands strikes those that come after it was set, on any connection, in the order they
/// are executed. Where several faults match a command, the one set first strikes. A command's name is compared without regard to case;
/// <c>null</c> stands for every command, those of a client's handshake among them.
/// </remarks>
public sealed class NodeFaults
{
    private readonly Lock _gate = new();
    private readonly InMemoryServer _server;
    private readonly List<Rule> _rules = [];
    private volatile TaskCompletionSource? _stall;
    private volatile int _ruleCount;
    private long _delayTicks;
    private long _jitterTicks;
    private long _messageDelayTicks;

    internal NodeFaults(InMemoryServer server) => _server = server;

    /// <summary>How long every reply is held back after its command was executed, on the node's clock.</summary>
    /// <value>
    /// Default zero. Commands that arrived together are answered together, after one delay; the connection reads on after it.
    /// </value>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, NotNegative(value));
    }

    /// <summary>The most by which <see cref="Delay"/> is lengthened at random, evenly from zero.</summary>
    /// <value>Default zero.</value>
    public TimeSpan DelayJitter
    {
        get => new(Interlocked.Read(ref _jitterTicks));
        set => Interlocked.Exchange(ref _jitterTicks, NotNegative(value));
    }

    /// <summary>Answers nothing more, while connections stay open and new ones are accepted, until <see cref="Clear"/>.</summary>
    /// <param name="moment">Whether the commands take effect.</param>
    /// <param name="command">The only command that is met with silence, such as <c>SET</c>; null for every one.</param>
    /// <remarks>
    /// A connection that has once kept a reply to itself stays silent for good, for a later reply would be taken for the missing one;
    /// its commands that no fault matches are executed all the same.
    /// </remarks>
    public void Silence(FaultMoment moment, string? command = null) =>
        Add(new Rule(new NodeFault(FaultKind.Silence, moment, string.Empty), command, long.MaxValue));

    /// <summary>Drops the connection of each of the next commands; replies to commands before it are still sent.</summary>
    /// <param name="moment">Whether the command takes effect first.</param>
    /// <param name="commands">How many commands are struck; one or more.</param>
    /// <param name="command">The only command that counts; null for every one.</param>
    public void DropConnection(FaultMoment moment, int commands = 1, string? command = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(commands, 1);
        Add(new Rule(new NodeFault(FaultKind.Drop, moment, string.Empty), command, commands));
    }

    /// <summary>Answers with an error in place of executing, until <see cref="Clear"/>.</summary>
    /// <param name="error">Code and text without the leading minus: <c>LOADING Redis is loading the dataset in memory</c>.</param>
    /// <param name="command">The only command that is refused; null for every one.</param>
    public void ReplyWithError(string error, string? command = null) => AddError(error, long.MaxValue, command);

    /// <summary>Answers each of the next commands with an error in place of executing it.</summary>
    /// <param name="error">Code and text without the leading minus.</param>
    /// <param name="commands">How many commands are refused; one or more.</param>
    /// <param name="command">The only command that counts; null for every one.</param>
    public void ReplyWithError(string error, int commands, string? command = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(commands, 1);
        AddError(error, commands, command);
    }

    /// <summary>How long every published message is held back on its way to those who listen, on the node's clock.</summary>
    /// <value>Default zero. PUBLISH is answered at once; who has unsubscribed meanwhile does not hear the message.</value>
    public TimeSpan MessageDelay
    {
        get => new(Interlocked.Read(ref _messageDelayTicks));
        set
        {
            Interlocked.Exchange(ref _messageDelayTicks, NotNegative(value));
            _server.Change(channels => channels.Delay = value);
        }
    }

    /// <summary>Loses each of the next published messages that somebody would hear; PUBLISH is answered as if nothing were wrong.</summary>
    /// <param name="messages">How many; one or more.</param>
    public void LoseMessages(long messages = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        _server.Change(channels => channels.Lose(messages));
    }

    /// <summary>
    /// Answers SUBSCRIBE and PUBLISH, scripts' as well, as if the user had no right to any channel (NOPERM), until <see cref="Clear"/>.
    /// </summary>
    /// <remarks>Subscriptions that there are stay.</remarks>
    public void RefuseChannels() => _server.Change(static channels => channels.AreRefused = true);

    /// <summary>Forgets every key and every loaded script at once, as a crash without persistence does; connections stay.</summary>
    public void LoseAllData() => _server.LoseAllData();

    /// <summary>
    /// Stops the node where it is, as SIGSTOP does: it accepts, but neither executes nor answers until <see cref="Resume"/>.
    /// </summary>
    /// <remarks>
    /// Nothing is lost: what comes in meanwhile is executed and answered afterwards. What is being executed at this moment still is.
    /// </remarks>
    public void Stall()
    {
        lock (_gate)
        {
            _stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends a <see cref="Stall"/>.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _stall?.SetResult();
            _stall = null;
        }
    }

    /// <summary>
    /// Ends every fault: delays, silence, drops, errors, those of messages and channels, and a stall. Connections already silent stay so.
    /// </summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
            _ruleCount = 0;
            Delay = TimeSpan.Zero;
            DelayJitter = TimeSpan.Zero;
            Resume();
        }

        MessageDelay = TimeSpan.Zero;
        _server.Change(static channels =>
        {
            channels.AreRefused = false;
            channels.Lose(0);
        });
    }

    internal bool TryTake(ReadOnlySpan<byte> command, out NodeFault fault)
    {
        fault = default;
        if (_ruleCount == 0)
        {
            return false;
        }

        lock (_gate)
        {
            foreach (Rule rule in _rules)
            {
                if (rule.Matches(command))
                {
                    fault = rule.Fault;
                    rule.Remaining--;
                    if (rule.Remaining == 0)
                    {
                        _rules.Remove(rule);
                        _ruleCount = _rules.Count;
                    }

                    return true;
                }
            }
        }

        return false;
    }

    internal ValueTask WaitWhileStalledAsync(CancellationToken cancellationToken) =>
        _stall is { } stall ? new ValueTask(stall.Task.WaitAsync(cancellationToken)) : ValueTask.CompletedTask;

    internal ValueTask HoldBackAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        TimeSpan delay = Delay;
        TimeSpan jitter = DelayJitter;
        return delay == TimeSpan.Zero && jitter == TimeSpan.Zero && _stall is null
            ? ValueTask.CompletedTask
            : HoldBackAsync(delay + (Random.Shared.NextDouble() * jitter), clock, cancellationToken);
    }

    private async ValueTask HoldBackAsync(TimeSpan delay, TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, clock, cancellationToken).ConfigureAwait(false);
        await WaitWhileStalledAsync(cancellationToken).ConfigureAwait(false);
    }

    private static long NotNegative(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        return value.Ticks;
    }

    private void AddError(string error, long commands, string? command)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(error);
        if (error.StartsWith('-') || error.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("An error is its code and text on one line, without the leading minus.", nameof(error));
        }

        Add(new Rule(new NodeFault(FaultKind.Error, FaultMoment.BeforeExecuting, error), command, commands));
    }

    private void Add(Rule rule)
    {
        lock (_gate)
        {
            _rules.Add(rule);
            _ruleCount = _rules.Count;
        }
    }

    private sealed class Rule(NodeFault fault, string? command, long remaining)
    {
        private readonly byte[]? _command = command is null ? null : Encoding.UTF8.GetBytes(command);

        public NodeFault Fault => fault;

        public long Remaining { get; set; } = remaining;

        public bool Matches(ReadOnlySpan<byte> name) => _command is null || Ascii.EqualsIgnoreCase(_command, name);
    }
}
