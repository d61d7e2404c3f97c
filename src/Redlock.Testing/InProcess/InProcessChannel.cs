using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>The path to a node that is an object: each request is executed and answered before the sending call returns.</summary>
internal sealed class InProcessChannel : RespChannel
{
    // It has one node, so nobody asks which.
    private const string OnlyName = "in-process";

    private readonly Lock _gate = new();
    private readonly InMemoryServer _server;
    private readonly InMemoryRequest _request = new();
    private readonly ArrayBufferWriter<byte> _reply = new();
    private readonly InProcessSubscriber _subscriber;
    private InMemoryClient _client;
    private long _connection = 1;
    private bool _isStopped;

    public InProcessChannel(TimeProvider time)
    {
        TimeProvider = time;
        _server = new InMemoryServer(new InMemoryNodeOptions(), time);
        _client = new InMemoryClient(_server);
        _subscriber = new InProcessSubscriber(_server);
    }

    public override string Name => OnlyName;

    public override TimeProvider TimeProvider { get; }

    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        RespTicket ticket = Send(frame, request);
        Tell();
        return ticket;
    }

    public override RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        ArgumentNullException.ThrowIfNull(handler);
        RespSubscription subscription = _subscriber.TrySubscribe(channel, handler, tag);
        Tell();
        return subscription;
    }

    public override void Unsubscribe(RespSubscription subscription)
    {
        _subscriber.Unsubscribe(subscription.Number);
        Tell();
    }

    public override string Describe(RequestFailure failure) => failure == RequestFailure.None
        ? string.Empty
        : $"{Name}: the locks of this process were stopped by the test ({failure}).";

    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _subscriber.Stop(Describe(RequestFailure.NotConnected));
        }

        Tell();
    }

    public void Start()
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                _isStopped = false;
                _connection++;
                _client = new InMemoryClient(_server);
                _subscriber.Start();
            }
        }

        Tell();
    }

    public void LoseAllData()
    {
        lock (_gate)
        {
            _server.LoseAllData();
        }
    }

    private RespTicket Send(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return new RespTicket(RequestFailure.NotConnected);
            }

            if (IsElsewhere(request.Behind) || IsElsewhere(request.Undoes))
            {
                return new RespTicket(RequestFailure.ConnectionChanged);
            }

            if (request.Script is { } script)
            {
                _server.Prepare(script);
            }

            Execute(frame);
            if (request.Handler is { } handler)
            {
                new RespReader().TryRead(_reply.WrittenSpan, out RespReply reply, out _);
                handler.OnReply(request.Tag, reply);
            }

            return new RespTicket(_connection);
        }
    }

    // Who is called for a reply may send or subscribe in turn, and is under the lock then; the outermost call tells.
    private void Tell()
    {
        if (!_gate.IsHeldByCurrentThread)
        {
            _subscriber.Tell();
        }
    }

    private void Execute(ReadOnlySpan<byte> frame)
    {
        _request.Clear();
        new RespReader().TryRead(frame, out RespReply command, out _);
        foreach (RespReply argument in command)
        {
            _request.Add(argument.Bytes);
        }

        _reply.ResetWrittenCount();
        _server.Execute(_client, _request, _reply);
    }

    private bool IsElsewhere(RespTicket ticket) => ticket.IsTaken && ticket.Connection != _connection;
}
