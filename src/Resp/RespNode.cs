using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>One Redis node behind one pipelined connection that every caller shares and that renews itself after each loss.</summary>
/// <remarks>
/// It starts to connect when it is made. Requests sent during the first dial wait for it, up to their own deadline; once a dial has failed,
/// requests fail at once until the node is back. A thread of the node's own dials and, where the transport can block, reads.
/// </remarks>
public sealed class RespNode : RespChannel, IDisposable, IAsyncDisposable
{
    private readonly Dialer _dialer;
    private readonly RespNodeOptions _options;
    private readonly CancellationTokenSource _disposal = new();
    private readonly CancellationToken _disposed;
    private readonly Lock _scriptsGate = new();
    private RespScript[] _scripts = [];
    private RespConnection _connection;

    // Said in every attempt while a node is in trouble, so said without allocating.
    private readonly string _queueFull;
    private readonly string _silent;
    private readonly string _timedOut;
    private readonly string _disposedText;
    private readonly string _notConnected;
    private string? _lastError;
    private long _connects;
    private int _state = (int)RespNodeState.Connecting;

    /// <summary>Starts to connect through <paramref name="dialer"/>.</summary>
    /// <param name="dialer">Opens the transport, now and after each loss.</param>
    /// <param name="options">Credentials, limits and clock; the defaults if <c>null</c>.</param>
    public RespNode(Dialer dialer, RespNodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dialer);
        _dialer = dialer;
        _options = options ?? new RespNodeOptions();
        _disposed = _disposal.Token;
        _queueFull = $"{Name}: the queue of this node is full; it answers more slowly than it is asked.";
        _silent = $"{Name}: the node let an earlier request time out and has answered nothing since.";
        _timedOut = $"{Name}: no reply within the node's time limit.";
        _disposedText = $"{Name}: the connection was disposed.";
        _notConnected = $"{Name}: not connected yet.";
        _scripts = [.. _options.Scripts];
        _connection = NewConnection(1, RequestFailure.None);

        RespMetrics.Add(this);

        // It holds a few frames of our own and the socket calls beneath them.
        const int stackBytes = 256 * 1024;
        new Thread(Live, stackBytes) { IsBackground = true, Name = $"Redlock.Fast {Name}" }.Start();
    }

    /// <summary>Raised after each change of <see cref="State"/>, on the node's own threads: it must be short and must not block.</summary>
    public event EventHandler<RespNodeState>? StateChanged;

    /// <inheritdoc/>
    public override string Name => _dialer.Address;

    /// <inheritdoc/>
    public override TimeProvider Time => _options.Time;

    /// <summary>Where the connection stands.</summary>
    public RespNodeState State => (RespNodeState)Volatile.Read(ref _state);

    /// <summary>Whether requests are sent at once.</summary>
    public bool IsConnected => State == RespNodeState.Connected;

    /// <summary>What ended the last connection or dial, or <c>null</c> if nothing has yet; kept after the node is back.</summary>
    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Requests that were taken and are not answered yet.</summary>
    public int Pending => Volatile.Read(ref _connection).Pending;

    /// <summary>How often the connection was made again after a loss.</summary>
    public long Reconnects => Math.Max(0, Interlocked.Read(ref _connects) - 1);

    /// <summary>Starts to connect to an endpoint given as text.</summary>
    /// <param name="endpoint">Any form that <see cref="RedisEndpoint"/> parses, such as <c>host:port</c>, <c>unix:/path</c> or <c>rediss://user:password@host</c>.</param>
    /// <param name="options">Limits and clock; credentials in the endpoint come first.</param>
    /// <exception cref="FormatException">The text is not an endpoint; the message names the part that is wrong.</exception>
    public static RespNode Connect(string endpoint, RespNodeOptions? options = null) => Connect(RedisEndpoint.Parse(endpoint), options);

    /// <summary>Starts to connect to an endpoint.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="options">Limits and clock; credentials in the endpoint come first.</param>
    public static RespNode Connect(RedisEndpoint endpoint, RespNodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Dialer dialer = endpoint switch
        {
            { Kind: RedisTransport.Unix } => new UnixDialer(endpoint.Path),
            { UsesTls: true } => new TlsDialer(endpoint.Host, endpoint.Port),
            _ => new TcpDialer(endpoint.Host, endpoint.Port),
        };
        return new RespNode(dialer, WithCredentials(options ?? new RespNodeOptions(), endpoint));
    }

    /// <inheritdoc/>
    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        RespConnection connection = Volatile.Read(ref _connection);
        RespTicket ticket = request.Behind.IsTaken && request.Behind.Connection != connection.Number
            ? new RespTicket(RequestFailure.ConnectionChanged)
            : connection.TrySend(frame, request);

        // The connection may have ended for another reason before that.
        if (ticket.IsTaken)
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
        lock (_scriptsGate)
        {
            if (_scripts.AsSpan().Contains(script))
            {
                return;
            }

            Volatile.Write(ref _scripts, [.. _scripts, script]);
        }

        // The connection that is there has begun its handshake without it, and whoever runs the script comes next.
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, "SCRIPT", "LOAD", script.Text);
        TrySend(frame.WrittenSpan, new RespRequest { DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved });
    }

    /// <inheritdoc/>
    public override RespReadTurn? TryTakeReadTurn() => Volatile.Read(ref _connection).TryTakeTurn();

    /// <inheritdoc/>
    public override string Describe(RequestFailure failure) => failure switch
    {
        RequestFailure.None => string.Empty,
        RequestFailure.QueueFull => _queueFull,
        RequestFailure.Silent => _silent,
        RequestFailure.TimedOut => _timedOut,
        RequestFailure.Disposed => _disposedText,
        _ => LastError ?? _notConnected,
    };

    /// <summary>Waits until the node is connected.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled; <see cref="LastError"/> says what stood in the way.</exception>
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
    /// <returns>The reply, in memory of its own.</returns>
    /// <exception cref="RespRequestException">There is no reply: the text says what happened and whether the node may have executed the command.</exception>
    public Task<RespValue> SendAsync(params ReadOnlySpan<string> arguments) => RespCommand.Send(this, _options.CommandTimeLimit, arguments);

    /// <summary>Sends any command and blocks the calling thread until its reply is there, an error reply included.</summary>
    /// <param name="arguments">The command and its arguments, sent as UTF-8 bulk strings.</param>
    /// <returns>The reply, in memory of its own.</returns>
    /// <exception cref="RespRequestException">There is no reply: the text says what happened and whether the node may have executed the command.</exception>
    public RespValue Send(params ReadOnlySpan<string> arguments) => RespCommand.Send(this, _options.CommandTimeLimit, arguments).GetAwaiter().GetResult();

    /// <summary>Closes the connection. What is pending fails at once; commands already sent may still be executed.</summary>
    public void Dispose()
    {
        if (Move(RespNodeState.Disposed))
        {
            RespMetrics.Remove(this);

            // Before the cancellation, which ends a dial as one that took too long.
            Volatile.Read(ref _connection).Finish(new ConnectionEnd(RequestFailure.Disposed, _disposedText));
            _disposal.Cancel();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The name and the state.</summary>
    public override string ToString() => $"{Name} ({State})";

    private static RespNodeOptions WithCredentials(RespNodeOptions options, RedisEndpoint endpoint) => options with
    {
        User = endpoint.User ?? options.User,
        Password = endpoint.Password ?? options.Password,
        Database = endpoint.Database != 0 ? endpoint.Database : options.Database,
    };

    private void Live()
    {
        ReconnectDelay delay = new(_options.ReconnectDelay, _options.MaxReconnectDelay);
        bool mayDialAtOnce = true;
        for (long number = 1; ; number++)
        {
            RespConnection connection = _connection;
            long start = Time.GetTimestamp();
            RunConnection(connection);
            bool wasReady = State == RespNodeState.Connected;

            // A server that accepts every connection and drops it soon is not to be dialed in a storm.
            if (wasReady && Time.GetElapsedTime(start) >= delay.Longest)
            {
                delay.Reset();
                mayDialAtOnce = true;
            }

            if (!Move(RespNodeState.Disconnected))
            {
                return;
            }

            // After a loss the first dial comes at once; each dial after a loss may be waited for, after a failed dial nobody waits.
            if (wasReady && mayDialAtOnce)
            {
                mayDialAtOnce = false;
            }
            else
            {
                RequestFailure failure = connection.End!.Failure;
                if (_disposed.WaitHandle.WaitOne(failure == RequestFailure.Misconfigured ? delay.Longest : delay.Next()))
                {
                    return;
                }
            }

            Volatile.Write(ref _connection, NewConnection(number + 1, wasReady ? RequestFailure.None : connection.End!.Failure));
            if (!Move(RespNodeState.Connecting))
            {
                _connection.Finish(new ConnectionEnd(RequestFailure.Disposed, _disposedText));
                return;
            }
        }
    }

    private void RunConnection(RespConnection connection)
    {
        // Over the dial and the handshake alike: a server that accepts and says nothing must not hold the node.
        using CancellationTokenSource limit = new(_options.ConnectTimeLimit, _options.Time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _disposed);
        using CancellationTokenRegistration registration = both.Token.UnsafeRegister(
            state =>
            {
                if (State != RespNodeState.Connected)
                {
                    ((RespConnection)state!).Finish(new ConnectionEnd(
                        RequestFailure.NotConnected, $"{Name}: the node did not complete a connection within {_options.ConnectTimeLimit.TotalSeconds:0.###} s."));
                }
            },
            connection);
        try
        {
            System.IO.Pipelines.IDuplexPipe pipe = _dialer.DialAsync(both.Token).AsTask().GetAwaiter().GetResult();
            connection.Attach(pipe);
            ReplyReceiver receiver = new(connection, Name, _options.ReplyLimits, pipe, Time);
            if (pipe.Input is BlockingPipeReader blocking)
            {
                receiver.Run(blocking);
            }
            else
            {
                receiver.RunAsync().GetAwaiter().GetResult();
            }
        }
        catch (Exception failure)
        {
            // A dialer may throw anything; the node survives it and says so.
            connection.Finish(new ConnectionEnd(
                RequestFailure.NotConnected,
                failure.Message.StartsWith(Name, StringComparison.Ordinal) ? failure.Message : $"{Name}: the dial failed: {failure.Message}"));
        }
    }

    private RespConnection NewConnection(long number, RequestFailure beforeReady) => new(number, Name, _options, Volatile.Read(ref _scripts), beforeReady)
    {
        BecameReady = () =>
        {
            if (Interlocked.Increment(ref _connects) > 1)
            {
                RespMetrics.CountReconnect(Name);
            }

            Move(RespNodeState.Connected);
        },
        Ending = end => Volatile.Write(ref _lastError, end.Text),
    };

    /// <summary>Goes to another state, unless the node is disposed: that is the last one.</summary>
    private bool Move(RespNodeState next)
    {
        int current;
        do
        {
            current = Volatile.Read(ref _state);
            if (current == (int)RespNodeState.Disposed)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _state, (int)next, current) != current);

        StateChanged?.Invoke(this, next);
        return true;
    }
}
