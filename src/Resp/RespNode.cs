using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>
/// Call <see cref="Connect(string, RespNodeOptions?)"/> once a server: one Redis node behind one pipelined connection that every caller
/// shares and that renews itself after each loss.
/// </summary>
/// <remarks>
/// It starts to connect when it is made. Requests sent during the first dial wait for it, up to their own deadline; once a dial has failed,
/// requests fail at once until the node is back. A thread of the node's own dials and, where the transport can block, reads.
/// </remarks>
/// <example>
/// <code>
/// await using RespNode node = RespNode.Connect("localhost:6379");
/// RespValue answer = await node.SendAsync("PING");
/// </code>
/// </example>
public sealed partial class RespNode : RespChannel, IConnectionObserver, IDisposable, IAsyncDisposable
{
    private readonly NodeContext _context;
    private readonly ConnectionKeeper _keeper;
    private readonly Dialer _dialer;

    // Said in every attempt while a node is in trouble, so said without allocating.
    private readonly string _queueFull;
    private readonly string _silent;
    private readonly string _timedOut;
    private readonly string _timedOutUnsent;
    private readonly string _withdrawn;
    private readonly string _disposedText;
    private readonly string _notConnected;

    /// <summary>Starts to connect through <paramref name="dialer"/>.</summary>
    /// <param name="dialer">Opens the transport, now and after each loss.</param>
    /// <param name="options">Credentials, limits and clock; the defaults if <c>null</c>.</param>
    /// <exception cref="ArgumentException">
    /// There is a user without a password, or a login and <see cref="RespNodeOptions.Credentials"/> at once.
    /// </exception>
    public RespNode(Dialer dialer, RespNodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dialer);
        options ??= new RespNodeOptions();
        NodeLogin.Check(options);
        _dialer = dialer;
        _context = new NodeContext(dialer, options);
        _queueFull = $"{Name}: the queue of this node is full; it answers more slowly than it is asked.";
        _silent = $"{Name}: the node let an earlier request time out and has answered nothing since.";
        _timedOut = $"{Name}: no reply within the node's time limit.";
        _timedOutUnsent = $"{Name}: not sent within the node's time limit, as too much was waiting for its answers; it is asked more than "
            + "it answers, or is far away.";
        _withdrawn = $"{Name}: not sent, and taken back by its caller.";
        _disposedText = $"{Name}: the connection was disposed.";
        _notConnected = $"{Name}: not connected yet.";
        _context.Logins.NotRenewed = text => NodeHandlers.Raise(Name, CredentialsNotRenewed, handler => handler(this, text));
        _keeper = new ConnectionKeeper(dialer, _context, this);
        _keeper.Start(Name);

        // The first meter of a process takes milliseconds to set up: the dial goes on meanwhile.
        RespMetrics.Add(this, Name, () => (Pending, IsConnected ? 1 : 0));
    }

    /// <summary>
    /// Raised after each change of <see cref="State"/>, one at a time and in their order, on the node's own threads or the one that
    /// disposes it: it must be short and must not block. What a handler throws is counted by <c>resp.handlers.failed</c> and goes no
    /// further; the other handlers are called.
    /// </summary>
    public event EventHandler<RespNodeState>? StateChanged;

    /// <summary>
    /// Raised when the login of a connection could not be renewed (<see cref="RespNodeOptions.Credentials"/>), with what happened, which
    /// names the node and holds no credentials: the connection serves on, and it is tried again. Of handlers the same holds as of those of
    /// <see cref="StateChanged"/>, but that two connections of the node may call them at once.
    /// </summary>
    public event EventHandler<string>? CredentialsNotRenewed;

    /// <inheritdoc/>
    internal override event Action? Introduced
    {
        add => _keeper.AskForServer(value);
        remove => _keeper.Introduced -= value;
    }

    /// <inheritdoc/>
    public override string Name => _context.Name;

    /// <inheritdoc/>
    public override TimeProvider TimeProvider => _context.Time;

    /// <inheritdoc/>
    /// <remarks>It is asked as soon as a factory has the node.</remarks>
    public override RespServer? Server => _keeper.Server;

    /// <summary>Where the connection stands.</summary>
    public RespNodeState State => _keeper.State;

    /// <summary>Whether requests are sent at once.</summary>
    public bool IsConnected => State == RespNodeState.Connected;

    /// <summary>
    /// What ended the last connection or dial, or why its login was not renewed, whichever came last; <c>null</c> if nothing has yet. Kept
    /// after the node is back.
    /// </summary>
    public string? LastError => _keeper.LastError;

    /// <summary>Requests that were taken and are not answered yet.</summary>
    public int Pending => _keeper.Connection.Pending;

    /// <summary>How often the connection was made again after a loss.</summary>
    public long Reconnects => Math.Max(0, _keeper.Connects - 1);

    /// <summary>Starts to connect to an endpoint given as text.</summary>
    /// <param name="endpoint">
    /// Any form that <see cref="RedisEndpoint"/> parses, such as <c>host:port</c>, <c>unix:/path</c> or <c>rediss://user:password@host</c>.
    /// </param>
    /// <param name="options">
    /// Limits and clock. A login in the endpoint takes the place of the one here, user and password alike, and so does a database.
    /// </param>
    /// <exception cref="FormatException">The text is not an endpoint; the message names the part that is wrong.</exception>
    public static RespNode Connect(string endpoint, RespNodeOptions? options = null) => Connect(RedisEndpoint.Parse(endpoint), options);

    /// <summary>Starts to connect to an endpoint.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="options">
    /// Limits and clock. A login in the endpoint takes the place of the one here, user and password alike, and so does a database.
    /// </param>
    public static RespNode Connect(RedisEndpoint endpoint, RespNodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Dialer dialer = endpoint switch
        {
            { Kind: RedisTransport.Unix } => new UnixDialer(endpoint.Path),
            { UsesTls: true } => new TlsDialer(endpoint.Host, endpoint.Port, NodeLogin.TlsOf(options?.Tls, endpoint)),
            _ => new TcpDialer(endpoint.Host, endpoint.Port),
        };
        return new RespNode(dialer, NodeLogin.Merge(options ?? new RespNodeOptions(), endpoint));
    }

    /// <inheritdoc/>
    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        RespConnection connection = _keeper.Connection;
        RespTicket ticket = IsElsewhere(request.Behind, connection) || IsElsewhere(request.Undoes, connection)
            ? new RespTicket(RequestFailure.ConnectionChanged)
            : connection.TrySend(frame, request);

        // The connection may have ended for another reason before that.
        if (ticket.IsTaken || ticket.Failure == RequestFailure.Withdrawn)
        {
            return ticket;
        }

        RequestFailure failure = State == RespNodeState.Disposed ? RequestFailure.Disposed : ticket.Failure;
        RespMetrics.CountFailure(Name, failure);
        return new RespTicket(failure);
    }

    /// <inheritdoc/>
    public override void Prepare(RespScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        if (_keeper.TryAddScript(script))
        {
            // The connection that is there has begun its handshake without it.
            new ScriptPreparation(_keeper.Connection, _context.Text).Send(script);
        }
    }

    /// <inheritdoc/>
    internal override RespReadTurn? ReadTurn => _keeper.Connection.ReadTurn;

    /// <inheritdoc/>
    public override string Describe(RequestFailure failure) => failure switch
    {
        RequestFailure.None => string.Empty,
        RequestFailure.QueueFull => _queueFull,
        RequestFailure.Silent => _silent,
        RequestFailure.TimedOut => _timedOut,
        RequestFailure.TimedOutUnsent => _timedOutUnsent,
        RequestFailure.Withdrawn => _withdrawn,
        RequestFailure.Disposed => _disposedText,
        _ => LastError ?? _notConnected,
    };

    /// <inheritdoc/>
    public override string Excerpt(ReadOnlySpan<byte> received) => _context.Text.Excerpt(received);

    /// <summary>Waits until the node is connected, or refuses to be in a way that only a person can mend.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled; <see cref="LastError"/> says what stood in the way.</exception>
    /// <exception cref="RespRequestException">
    /// <see cref="RequestFailure.Misconfigured"/>: a wrong password, say; the text has the reason. The node goes on dialing, and can be
    /// waited for again.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The node was disposed.</exception>
    public override async Task WaitUntilConnectedAsync(CancellationToken cancellationToken = default)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object? sender, RespNodeState state)
        {
            if (state == RespNodeState.Connected)
            {
                reached.TrySetResult();
            }
            else if (state == RespNodeState.Disposed)
            {
                reached.TrySetException(new ObjectDisposedException(Name));
            }
            else if (state == RespNodeState.Disconnected && _keeper.Connection.End is { Failure: RequestFailure.Misconfigured } end)
            {
                reached.TrySetException(new RespRequestException(RequestFailure.Misconfigured, end.Text));
            }
        }

        StateChanged += Look;
        try
        {
            Look(this, State);
            await reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            StateChanged -= Look;
        }
    }

    /// <summary>Sends any command and gives its reply, an error reply included.</summary>
    /// <param name="arguments">The command and its arguments, sent as UTF-8 bulk strings.</param>
    /// <returns>
    /// The reply as it came, in memory of its own; put it into a text by <see cref="Excerpt"/>, as a node can repeat secrets.
    /// </returns>
    /// <exception cref="RespRequestException">
    /// There is no reply: the text says what happened and whether the node may have executed the command.
    /// </exception>
    public Task<RespValue> SendAsync(params ReadOnlySpan<string> arguments) =>
        RespCommand.Send(this, _context.Options.CommandTimeLimit, arguments);

    /// <inheritdoc cref="SendAsync(ReadOnlySpan{string})"/>
    /// <param name="arguments">The command and its arguments, sent as UTF-8 bulk strings.</param>
    /// <param name="cancellationToken">Ends the wait for the reply; the node may have executed the command, or may do so yet.</param>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public Task<RespValue> SendAsync(ReadOnlySpan<string> arguments, CancellationToken cancellationToken) =>
        RespCommand.Send(this, _context.Options.CommandTimeLimit, arguments, cancellationToken);

    /// <summary>Sends any command and blocks the calling thread until its reply is there, an error reply included.</summary>
    /// <param name="arguments">The command and its arguments, sent as UTF-8 bulk strings.</param>
    /// <returns>
    /// The reply as it came, in memory of its own; put it into a text by <see cref="Excerpt"/>, as a node can repeat secrets.
    /// </returns>
    /// <exception cref="RespRequestException">
    /// There is no reply: the text says what happened and whether the node may have executed the command.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The thread is one that reads a node's replies, so that the reply might never be read.
    /// </exception>
    public RespValue Send(params ReadOnlySpan<string> arguments)
    {
        RespThread.ThrowIfMayNotBlock();
        return RespCommand.Send(this, _context.Options.CommandTimeLimit, arguments).GetAwaiter().GetResult();
    }

    /// <summary>Closes the connection. What is pending fails at once; commands already sent may still be executed.</summary>
    public void Dispose()
    {
        if (_keeper.TryDispose())
        {
            RespMetrics.Remove(this);
            DisposeSubscriber();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    void IConnectionObserver.OnState(RespNodeState state) => NodeHandlers.Raise(Name, StateChanged, handler => handler(this, state));

    /// <summary>The name and the state.</summary>
    public override string ToString() => $"{Name} ({State})";

    private static bool IsElsewhere(RespTicket ticket, RespConnection connection) =>
        ticket.IsTaken && ticket.Connection != connection.Number;
}
