using System.IO.Pipelines;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One connection to an in-memory node: executes its commands, unless a fault strikes them.</summary>
internal sealed class InMemorySession(
    InMemoryServer server,
    NodeFaults faults,
    IDuplexPipe transport,
    Socket? socket,
    Action<InMemorySession> onEnded,
    CancellationToken life) : NodeSession(transport, server.Clock, life)
{
    private readonly InMemoryClient _client = new(server);

    // What a command that takes effect unheard would have answered.
    private readonly System.Buffers.ArrayBufferWriter<byte> _lost = new();

    /// <summary>Drops the connection from outside: nothing more is executed or sent.</summary>
    public void Abort()
    {
        _client.Abort();
        socket?.Dispose();
    }

    protected override ValueTask BeforeExecutingAsync(CancellationToken cancellationToken) => faults.WaitWhileStalledAsync(cancellationToken);

    protected override ValueTask BeforeSendingAsync(CancellationToken cancellationToken) => faults.HoldBackAsync(server.Clock, cancellationToken);

    protected override void OnEnded()
    {
        socket?.Dispose();
        server.CloseSession();
        onEnded(this);
    }

    protected override void Execute(InMemoryRequest request)
    {
        if (!faults.TryTake(request[0], out var fault))
        {
            server.Execute(_client, request, Replies);
            if (_client.IsLeaving)
            {
                End();
            }

            return;
        }

        if (fault.Kind == FaultKind.Error)
        {
            RespWriter.WriteError(Replies, fault.Error);
            return;
        }

        if (fault.Moment == FaultMoment.AfterExecuting)
        {
            server.Execute(_client, request, _lost);
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
}
