using System.Buffers;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>The one reader of a connection: parses replies straight out of the receive buffer and hands them to the connection.</summary>
internal sealed class ReplyReceiver(RespConnection connection, string name, RespNodeOptions options, IDuplexPipe pipe) : RespReadTurn
{
    private RespReader _reader = new(options.ReplyLimits);

    /// <summary>Reads on the calling thread until the connection is over.</summary>
    public void Run(BlockingPipeReader input)
    {
        connection.OfferTurns(this);
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
            connection.FinishLost(failure);
        }
    }

    /// <inheritdoc/>
    public override void ReadUntil(ManualResetEventSlim done, long deadlineTicks)
    {
        BlockingPipeReader input = (BlockingPipeReader)pipe.Input;
        try
        {
            while (!done.IsSet && connection.End is null)
            {
                long now = options.Time.GetTimestamp();
                if (now >= deadlineTicks || !input.Poll(options.Time.GetElapsedTime(now, deadlineTicks)))
                {
                    break;
                }

                Handle(input, input.Read());
            }
        }
        catch (Exception failure)
        {
            connection.FinishLost(failure);
        }

        connection.Turn.GiveBack();
    }

    /// <summary>Reads asynchronously until the connection is over.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (connection.End is null)
            {
                ReadResult result = await pipe.Input.ReadAsync().ConfigureAwait(false);
                Handle(pipe.Input, result);
            }
        }
        catch (Exception failure)
        {
            connection.FinishLost(failure);
        }

        PipeCloser.Complete(pipe);
    }

    private void Handle(PipeReader input, in ReadResult result)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        connection.BeginBatch();
        long consumed = buffer.IsSingleSegment ? HandleSpan(buffer.FirstSpan) : HandleSequence(buffer);
        connection.EndBatch();
        input.AdvanceTo(buffer.GetPosition(consumed), buffer.End);
        if (result.IsCompleted)
        {
            connection.Finish(new ConnectionEnd(
                RequestFailure.NotConnected,
                consumed < buffer.Length
                    ? $"{name}: the node closed the connection in the middle of a reply."
                    : $"{name}: the node closed the connection.")
            {
                Cause = ConnectionEndCause.ClosedByNode,
            });
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
                EndIfInvalid(status);
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
                EndIfInvalid(status);
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

        connection.Finish(new ConnectionEnd(
            RequestFailure.NotConnected,
            $"{name}: the node sent a reply that no request waits for ({ErrorText.Kind(reply)}); the connection was closed."));
        return false;
    }

    private void EndIfInvalid(RespReadStatus status)
    {
        if (status == RespReadStatus.Invalid)
        {
            connection.Finish(new ConnectionEnd(
                RequestFailure.NotConnected,
                $"{name}: the node does not speak RESP2: {ShownFault()} Check that the address is a Redis server's."));
        }
    }

    // Something that is not Redis may repeat what it was sent, and what it was sent first is the password.
    private string ShownFault()
    {
        string fault = _reader.Fault!;
        int excerpt = options.Password is null ? -1 : fault.IndexOf('"');
        return excerpt < 0 ? fault : $"{fault[..excerpt]}(not shown, as it may repeat the password).";
    }
}
