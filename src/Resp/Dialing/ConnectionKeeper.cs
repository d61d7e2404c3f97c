using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Keeps a node connected, in a life of its own: dials, runs the connection to its end, waits, and dials again.</summary>
[SuppressMessage("Design", "CA1001", Justification = "TryDispose is its end; its life may still look at the source.")]
internal sealed class ConnectionKeeper : IConnectionObserver
{
    // Below the shortest limit that a server can set to idle connections, and so long that a dial after each is no storm.
    private static readonly TimeSpan _lasting = TimeSpan.FromSeconds(0.5);

    // Once and twice it may have been the network.
    private const int QuestionsInVain = 3;

    private readonly Dialer _dialer;
    private readonly NodeContext _node;
    private readonly IConnectionObserver _observer;
    private readonly NodeStates _states;
    private readonly Misdirection _misdirection;
    private readonly CancellationTokenSource _disposal = new();
    private readonly CancellationToken _disposed;
    private readonly Gate _scriptsGate = new();
    private RespScript[] _scripts;
    private RespConnection _connection;
    private string? _lastError;
    private RespServer? _server;
    private volatile bool _hasServerSaid;
    private int _closedAtQuestion;
    private volatile bool _asksForServer;
    private long _connects;

    /// <param name="dialer">Opens the transport, now and after each loss.</param>
    /// <param name="node">The node.</param>
    /// <param name="observer">Told of each change of state, and given what comes unasked.</param>
    public ConnectionKeeper(Dialer dialer, NodeContext node, IConnectionObserver observer)
    {
        _dialer = dialer;
        _node = node;
        _observer = observer;
        _states = new NodeStates(observer);
        _misdirection = new Misdirection(node.Time, node.Options.MaxReconnectDelay);
        _disposed = _disposal.Token;
        _scripts = new List<RespScript>(node.Options.Scripts).ToArray();
        _asksForServer = node.Options.AsksForServer;
        _connection = NewConnection(1, RequestFailure.None, HandshakeStep.None);
    }

    /// <summary>Another server answers, see <see cref="RespChannel.Introduced"/>.</summary>
    public event Action? Introduced;

    /// <summary>The connection that takes requests now, or the last one.</summary>
    public RespConnection Connection => Volatile.Read(ref _connection);

    public RespNodeState State => _states.Current;

    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Who answered on the latest connection; <c>null</c> before there was one.</summary>
    public RespServer? Server => Volatile.Read(ref _server);

    /// <summary>How often a connection was made.</summary>
    public long Connects => Interlocked.Read(ref _connects);

    private string Name => _node.Name;

    /// <param name="name">What its thread is called.</param>
    public void Start(string name) => _node.Scheduler.Start(LiveAsync, name);

    /// <returns>False if the script was there already.</returns>
    public bool TryAddScript(RespScript script)
    {
        using (_scriptsGate.Enter())
        {
            if (_scripts.AsSpan().Contains(script))
            {
                return false;
            }

            Volatile.Write(ref _scripts, [.. _scripts, script]);
            return true;
        }
    }

    /// <summary>From now on it is known who answers, and told.</summary>
    public void AskForServer(Action? introduced)
    {
        Introduced += introduced;
        if (!_asksForServer)
        {
            _asksForServer = true;

            // The connection that is there has begun its handshake without it.
            new ServerQuestion(Connection, _node.Time).Send();
        }
    }

    /// <returns>False if it was done before.</returns>
    public bool TryDispose()
    {
        if (!_states.TryMove(RespNodeState.Disposed))
        {
            return false;
        }

        // Before the cancellation, which ends a dial as one that took too long.
        Connection.Finish(EndByDisposal());
        NodeHandlers.Run(Name, _disposal.Cancel);
        return true;
    }

    void IConnectionObserver.OnServer(RespServer server)
    {
        _hasServerSaid |= server.RunId is not null || server.Uptime is not null;
        Volatile.Write(ref _server, server);
        Introduced?.Invoke();
    }

    void IConnectionObserver.OnReady()
    {
        if (Interlocked.Increment(ref _connects) > 1)
        {
            RespMetrics.CountReconnect(Name);
        }

        _states.TryMove(RespNodeState.Connected);
    }

    void IConnectionObserver.OnEnding(ConnectionEnd end) => Volatile.Write(ref _lastError, end.Text);

    void IConnectionObserver.OnLoginTrouble(string text)
    {
        Volatile.Write(ref _lastError, text);
        _node.Logins.TellNotRenewed(text);
    }

    bool IConnectionObserver.HearsPushes => _observer.HearsPushes;

    bool IConnectionObserver.TryTakePush(in RespReply push) => _observer.TryTakePush(push);

    bool IConnectionObserver.MayLeave() => _misdirection.TryLeave();

    private async Task LiveAsync()
    {
        ReconnectDelay delay = new(_node.Options.ReconnectDelay, _node.Options.MaxReconnectDelay, _node.Scheduler);
        bool mayDialAtOnce = true;
        HandshakeStep leftOut = HandshakeStep.None;
        for (long number = 1; ; number++)
        {
            RespConnection connection = _connection;
            long start = _node.Time.GetTimestamp();
            await RunConnectionAsync(connection).ConfigureAwait(false);
            bool wasReady = State == RespNodeState.Connected;

            // A server that accepts every connection and drops it soon is not to be dialed in a storm.
            TimeSpan lasted = _node.Time.GetElapsedTime(start);
            if (wasReady && (lasted >= _lasting || lasted >= delay.Longest))
            {
                delay.Reset();
                mayDialAtOnce = true;
            }

            if (!_states.TryMove(RespNodeState.Disconnected))
            {
                return;
            }

            // After a loss the first dial comes at once; each dial after a loss may be waited for, after a failed dial nobody waits.
            if (wasReady && connection.End!.Cause == ConnectionEndCause.Misdirection)
            {
                // How often this can be is bounded already.
            }
            else if (wasReady && mayDialAtOnce)
            {
                mayDialAtOnce = false;
            }
            else
            {
                RequestFailure failure = connection.End!.Failure;

                // The next credentials may be right: only a login that never changes waits for a person.
                bool isForAPerson = failure == RequestFailure.Misconfigured && _node.Logins.Fixed is not null;
                TimeSpan pause = isForAPerson ? delay.Longest : delay.Next();
                if (await _node.Scheduler.Pause(pause, _disposed).ConfigureAwait(false))
                {
                    return;
                }
            }

            leftOut = (connection.ClosedAt & HandshakeStep.Dispensable) is var closedAt and not HandshakeStep.None
                ? leftOut | WithoutNeed(closedAt)
                : HandshakeStep.None;
            Volatile.Write(ref _connection, NewConnection(number + 1, wasReady ? RequestFailure.None : connection.End!.Failure, leftOut));
            if (!_states.TryMove(RespNodeState.Connecting))
            {
                _connection.Finish(EndByDisposal());
                return;
            }
        }
    }

    /// <summary>What of the steps at which the node closed a connection may be left out of the next one.</summary>
    private HandshakeStep WithoutNeed(HandshakeStep closedAt)
    {
        if (!closedAt.HasFlag(HandshakeStep.AskForServer))
        {
            return closedAt;
        }

        // Whoever has said who it is can be asked: it closed the connection for another reason, such as its end, and what comes back at
        // that address is the very server that is not to be believed unasked.
        return !_hasServerSaid && ++_closedAtQuestion >= QuestionsInVain ? closedAt : closedAt & ~HandshakeStep.AskForServer;
    }

    private async Task RunConnectionAsync(RespConnection connection)
    {
        // Before the dial, whose time it must not use up, and which a node that nobody enters soon would cut off.
        if ((_node.Logins.Fixed ?? await AskForLoginAsync(connection).ConfigureAwait(false)) is not { } login)
        {
            return;
        }

        // Over the dial and the handshake alike: a server that accepts and says nothing must not hold the node.
        using CancellationTokenSource limit = new(_node.Options.ConnectTimeLimit, _node.Time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _disposed);
        using CancellationTokenRegistration registration = both.Token.UnsafeRegister(
            state =>
            {
                if (State != RespNodeState.Connected)
                {
                    ((RespConnection)state!).Finish(EndByLimit());
                }
            },
            connection);
        try
        {
            Task<IDuplexPipe> dial = _dialer.DialAsync(both.Token).AsTask();
            await _node.Scheduler.Await(dial).ConfigureAwait(false);
            IDuplexPipe pipe = await dial.ConfigureAwait(false);
            connection.Attach(pipe, login);
            using LoginRenewal? renewal = LoginRenewal.Start(login, connection, _node, this, _disposed);
            ReplyReceiver receiver = new(connection, _node, pipe);
            if (pipe.Input is BlockingPipeReader blocking)
            {
                receiver.Run(blocking);
            }
            else
            {
                await _node.Scheduler.Await(receiver.RunAsync()).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            connection.Finish(EndByLimit());
        }
        catch (Exception failure)
        {
            // A dialer may throw anything, and quote in it what the node sent; the node survives it and says so.
            bool isNamed = failure.Message.StartsWith(Name, StringComparison.Ordinal);
            string message = _node.Text.Line(isNamed ? failure.Message[Name.Length..] : failure.Message);
            connection.Finish(
                new ConnectionEnd(RequestFailure.NotConnected, isNamed ? Name + message : $"{Name}: the dial failed: {message}"));
        }
    }

    private async Task<Login?> AskForLoginAsync(RespConnection connection)
    {
        TaskCompletionSource<LoginAnswer> answered = new();
        LoginCall.Start(_node, answered.SetResult, _disposed);
        await _node.Scheduler.Await(answered.Task).ConfigureAwait(false);
        LoginAnswer answer = await answered.Task.ConfigureAwait(false);
        if (answer.Login is null)
        {
            RespMetrics.CountFailedLogin(Name, answer.Cause);
            connection.Finish(RequestFailure.NotConnected, answer.Problem);
        }

        return answer.Login;
    }

    private ConnectionEnd EndByLimit() => new(
        RequestFailure.NotConnected,
        $"{Name}: the node did not complete a connection within {_node.Options.ConnectTimeLimit.TotalSeconds:0.###} s."
        + $"{_dialer.WhatIsMissing}");

    private ConnectionEnd EndByDisposal() => new(RequestFailure.Disposed, $"{Name}: the connection was disposed.");

    private RespConnection NewConnection(long number, RequestFailure beforeReady, HandshakeStep leftOut) =>
        new(
            number,
            _node,
            this,
            Volatile.Read(ref _scripts),
            beforeReady,
            _asksForServer ? leftOut : leftOut | HandshakeStep.AskForServer);
}
