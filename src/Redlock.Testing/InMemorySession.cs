using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One connection to a node: reads what has come, runs every complete command of it, answers all of them at once.</summary>
internal sealed class InMemorySession(
    InMemoryServer server,
    NodeFaults faults,
    IDuplexPipe transport,
    Socket? socket,
    Action<InMemorySession> onEnded,
    CancellationToken life)
{
    private readonly ArrayBufferWriter<byte> _replies = new();
    private readonly ArrayBufferWriter<byte> _unheard = new();
    private readonly InMemoryRequest _request = new();
    private InMemoryRequestReader _reader;
    private volatile bool _isAborted;
    private State _state = State.Open;

    private enum State
    {
        /// <summary>Nothing more is read; what was answered so far is sent.</summary>
        Ended = 0,

        /// <summary>Commands are answered.</summary>
        Open,

        /// <summary>Nothing is answered any more: a reply behind a missing one would be taken for it.</summary>
        Silent,
    }

    public InMemoryServer Server => server;

    public long Id { get; } = server.OpenSession();

    public int Database { get; set; }

    public byte[] Name { get; set; } = [];

    public bool IsAuthenticated { get; set; } = server.Options.Password is null;

    public bool IsAborted => _isAborted;

    public void Start() => _ = ServeAsync();

    /// <summary>Drops the connection from outside: nothing more is executed or sent.</summary>
    public void Abort()
    {
        _isAborted = true;
        socket?.Dispose();
    }

    /// <summary>Ends the connection once this command is answered.</summary>
    public void End() => _state = State.Ended;

    private async Task ServeAsync()
    {
        try
        {
            while (_state != State.Ended)
            {
                var read = await transport.Input.ReadAsync(life).ConfigureAwait(false);
                await faults.WaitWhileStalledAsync(life).ConfigureAwait(false);
                var rest = ExecuteAll(read.Buffer);
                transport.Input.AdvanceTo(rest, read.Buffer.End);
                if (_replies.WrittenCount > 0)
                {
                    await faults.HoldBackAsync(server.Clock, life).ConfigureAwait(false);
                    await transport.Output.WriteAsync(_replies.WrittenMemory, life).ConfigureAwait(false);
                    _replies.ResetWrittenCount();
                }

                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side went away, or the node was stopped: either way there is nobody to tell.
        }
        finally
        {
            // Streams are completed before the socket: what was sent still goes out.
            await transport.Output.CompleteAsync().ConfigureAwait(false);
            await transport.Input.CompleteAsync().ConfigureAwait(false);
            socket?.Dispose();
            server.CloseSession();
            onEnded(this);
        }
    }

    private SequencePosition ExecuteAll(ReadOnlySequence<byte> buffer)
    {
        while (_state != State.Ended)
        {
            var status = _reader.TryRead(buffer, _request, out var consumed);
            if (status == RespReadStatus.Invalid)
            {
                RespWriter.WriteError(_replies, $"ERR Protocol error: {_reader.Fault}");
                End();
                break;
            }

            if (status == RespReadStatus.NeedMore)
            {
                break;
            }

            buffer = buffer.Slice(consumed);
            if (_request.Count > 0)
            {
                Execute();
            }
        }

        return buffer.Start;
    }

    private void Execute()
    {
        if (!faults.TryTake(_request[0], out var fault))
        {
            server.Execute(this, _request, Heard);
            return;
        }

        if (fault.Kind == FaultKind.Error)
        {
            RespWriter.WriteError(Heard, fault.Error);
            return;
        }

        if (fault.Moment == FaultMoment.AfterExecuting)
        {
            server.Execute(this, _request, _unheard);
            _unheard.ResetWrittenCount();
        }

        _state = fault.Kind == FaultKind.Silence && _state != State.Ended ? State.Silent : State.Ended;
    }

    private ArrayBufferWriter<byte> Heard
    {
        get
        {
            if (_state != State.Silent)
            {
                return _replies;
            }

            _unheard.ResetWrittenCount();
            return _unheard;
        }
    }
}
