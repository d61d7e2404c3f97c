using System.Buffers;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>The one reader of a connection: parses replies straight out of the receive buffer and hands them to the connection.</summary>
internal sealed class ReplyReceiver(RespConnection connection, NodeContext node, IDuplexPipe pipe) : RespReadTurn
{
    // What a TLS port answers to whoever does not speak TLS (RFC 8446, section 5.1).
    private const byte TlsAlert = 21;

    private RespReader _reader = new(node.Options.ReplyLimits);
    private bool _hasReceived;

    public override ReadSignal? Signal => Input.Signal;

    public override bool IsOver => connection.End is not null;

    private BufferedPipeReader Input => (BufferedPipeReader)pipe.Input;

    /// <summary>Reads on the calling thread until the connection is over.</summary>
    public void Run(BlockingPipeReader input)
    {
        // A caller must be able to stop waiting for bytes, which a reader that can only block does not let it.
        if (input is BufferedPipeReader)
        {
            connection.OfferTurns(this);
        }

        try
        {
            while (connection.End is null)
            {
                Handle(input, input.Read());
                connection.Turn.AwaitThreads();
            }
        }
        catch (Exception failure)
        {
            connection.FinishLost(Explain(failure));
        }
    }

    public override bool TryTake() => connection.Turn.TryTake();

    public override void Begin() => connection.Turn.BeginReading();

    public override bool Poll(TimeSpan time)
    {
        try
        {
            return Input.Poll(time);
        }
        catch (Exception failure) when (failure is not ThreadInterruptedException)
        {
            connection.FinishLost(Explain(failure));
            return false;
        }
    }

    public override void Read()
    {
        try
        {
            Handle(Input, Input.Read());
        }
        catch (Exception failure) when (failure is not ThreadInterruptedException)
        {
            connection.FinishLost(Explain(failure));
        }
    }

    public override void GiveBack(Unread unread) => connection.Turn.GiveBack(unread);

    /// <summary>Reads asynchronously until the connection is over.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (connection.End is null)
            {
                ReadResult result = await pipe.Input.ReadAsync().ConfigureAwait(false);
                HandleAs(RespThreadRole.Node, result);
            }
        }
        catch (Exception failure)
        {
            connection.FinishLost(Explain(failure));
        }

        PipeCloser.Complete(pipe);
    }

    // A thread of the pool goes back to it as it came.
    private void HandleAs(RespThreadRole role, in ReadResult result)
    {
        RespThreadRole own = RespThread.Enter(role);
        try
        {
            Handle(pipe.Input, result);
        }
        finally
        {
            RespThread.Enter(own);
        }
    }

    private void Handle(PipeReader input, in ReadResult result)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        _hasReceived |= !buffer.IsEmpty;
        connection.BeginBatch();
        long consumed = buffer.IsSingleSegment ? HandleSpan(buffer.FirstSpan) : HandleSequence(buffer);
        connection.EndBatch();
        input.AdvanceTo(buffer.GetPosition(consumed), buffer.End);
        if (result.IsCompleted)
        {
            string when = consumed < buffer.Length ? " in the middle of a reply." : $".{EarlyEnd}";
            connection.Finish(
                RequestFailure.NotConnected, $"the node closed the connection{when}", ConnectionEndCause.ClosedByNode);
        }
    }

    private int HandleSpan(ReadOnlySpan<byte> bytes)
    {
        int consumed = 0;
        while (consumed < bytes.Length)
        {
            RespReadStatus status = _reader.TryRead(bytes[consumed..], out RespReply reply, out int length);
            if (status != RespReadStatus.Done)
            {
                EndIfInvalid(status, bytes[consumed]);
                break;
            }

            if (!TryAnswer(reply))
            {
                break;
            }

            consumed += length;
        }

        return consumed;
    }

    private long HandleSequence(in ReadOnlySequence<byte> bytes)
    {
        long consumed = 0;
        while (consumed < bytes.Length)
        {
            RespReadStatus status = _reader.TryRead(bytes.Slice(consumed), out RespReply reply, out long length);
            if (status != RespReadStatus.Done)
            {
                EndIfInvalid(status, bytes.Slice(consumed).FirstSpan[0]);
                break;
            }

            if (!TryAnswer(reply))
            {
                break;
            }

            consumed += length;
        }

        return consumed;
    }

    private bool TryAnswer(in RespReply reply)
    {
        // Replies read behind the end of the connection belong to nobody.
        if (connection.End is not null)
        {
            return false;
        }

        if (connection.TryAnswer(reply))
        {
            return true;
        }

        connection.Finish(
            RequestFailure.NotConnected,
            $"the node sent a reply that no request waits for ({ServerText.Kind(reply)}); the connection was closed.");
        return false;
    }

    private void EndIfInvalid(RespReadStatus status, byte first)
    {
        if (status == RespReadStatus.Invalid)
        {
            string check = first == TlsAlert
                ? "This port speaks TLS: use rediss:// or a TlsDialer."
                : "Check that the address is a Redis server's.";
            connection.Finish(
                RequestFailure.NotConnected, $"the node does not speak RESP2: {node.Text.Describe(_reader.Flaw!)} {check}");
        }
    }

    private string EarlyEnd => _hasReceived || pipe is TlsPipe
        ? string.Empty
        : " It had answered nothing: a TLS port does so to whoever speaks plain (use rediss:// there), and so does a proxy without a "
            + "server behind it.";

    private Exception Explain(Exception failure) =>
        failure is IOException && EarlyEnd.Length > 0 ? new IOException($"{failure.Message.TrimEnd('.')}.{EarlyEnd}", failure) : failure;
}
