using System.IO.Pipelines;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One connection to an in-memory node: executes its commands, unless a fault strikes them.</summary>
internal sealed class InMemorySession : NodeSession
{
    private readonly InMemoryServer _server;
    private readonly NodeFaults _faults;
    private readonly Socket? _socket;
    private readonly Action<InMemorySession> _onEnded;
    private readonly InMemoryClient _client;

    // What a command that takes effect unheard would have answered.
    private readonly System.Buffers.ArrayBufferWriter<byte> _lost = new();

    public InMemorySession(
        InMemoryServer server,
        NodeFaults faults,
        IDuplexPipe transport,
        Socket? socket,
        Action<InMemorySession> onEnded,
        CancellationToken life)
        : base(transport, server.Clock, life)
    {
        _server = server;
        _faults = faults;
        _socket = socket;
        _onEnded = onEnded;
        _client = new InMemoryClient(server, QueuePushes, CutOff);
        server.Join(_client);
    }

    public InMemoryClient Client => _client;

    protected override bool IsCutOff => _client.IsAborted;

    /// <summary>Drops the connection from outside: nothing more is executed or sent.</summary>
    public void Abort()
    {
        _client.Abort();
        _socket?.Dispose();
    }

    protected override ValueTask BeforeExecutingAsync(CancellationToken cancellationToken) =>
        _faults.WaitWhileStalledAsync(cancellationToken);

    protected override ValueTask BeforeSendingAsync(CancellationToken cancellationToken) =>
        _faults.HoldBackAsync(_server.Clock, cancellationToken);

    protected override void TakePushes(System.Buffers.IBufferWriter<byte> output) => _server.TakePushes(_client, output);

    protected override void OnEnded()
    {
        _socket?.Dispose();
        _server.CloseSession(_client);
        _onEnded(this);
    }

    protected override void Execute(InMemoryRequest request)
    {
        if (!_faults.TryTake(request[0], out NodeFault fault))
        {
            _server.Execute(_client, request, Replies);
            if (_client.IsLeaving)
            {
                End();
            }

            return;
        }

        if (fault.Kind == FaultKind.Error)
        {
            ReplyWriter.WriteError(Replies, fault.Error);
            return;
        }

        if (fault.Moment == FaultMoment.AfterExecuting)
        {
            _server.Execute(_client, request, _lost);
            _lost.ResetWrittenCount();
        }

        if (fault.Kind == FaultKind.Silence && !_client.IsLeaving)
        {
            FallSilent();
        }
        else
        {
            End();
        }
    }

    private void CutOff()
    {
        Wake();
        _socket?.Dispose();
    }
}
