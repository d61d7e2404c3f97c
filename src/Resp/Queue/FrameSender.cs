using System.Diagnostics;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>
/// Decides who sends the bytes of a queue: the caller itself when nothing is in flight or it reads for itself, else one drain for all.
/// </summary>
/// <remarks>
/// Whoever sends looks for more before it stops, and the thread that reads looks after each batch of replies, so nothing that may
/// be sent lies idle. All is called under the connection's gate but <see cref="Carry"/>, and <see cref="BeginBatch"/> by the one that
/// reads.
/// </remarks>
internal sealed class FrameSender(Gate gate, RequestQueue queue, NodeScheduler scheduler, Action<Exception> onLost) : IThreadPoolWorkItem
{
    private PipeWriter? _output;
    private SendState _state;
    private volatile bool _receiving;

    private enum SendState : byte
    {
        Idle = 0,
        DrainQueued,
        Sending,
    }

    /// <summary>What a thread has to do once it has left the gate; <c>default</c> is nothing.</summary>
    internal readonly struct Duty
    {
        /// <summary>To be written first, if not empty.</summary>
        public ReadOnlyMemory<byte> Bytes { get; init; }

        /// <summary>Where this thread's sending ends at the latest; what lies behind is left to the drain.</summary>
        public long Until { get; init; }

        /// <summary>Whether the drain has to be queued instead.</summary>
        public bool IsDrain { get; init; }
    }

    /// <summary>Lets bytes out.</summary>
    public Duty Open(PipeWriter output)
    {
        gate.AssertEntered();
        _output = output;
        return TakeOver();
    }

    /// <summary>A request has been taken: who sends it?</summary>
    public Duty Appended()
    {
        gate.AssertEntered();
        if (_receiving || _state != SendState.Idle || _output is null || !queue.Line.HasSendable)
        {
            return default;
        }

        // A caller that reads for itself would wake a thread of the pool for what it can do while it waits.
        if (queue.Count == 1 || RespThread.Role == RespThreadRole.Caller)
        {
            _state = SendState.Sending;
            return new Duty { Bytes = queue.Line.TakeSendable(), Until = queue.Line.End };
        }

        _state = SendState.DrainQueued;
        return new Duty { IsDrain = true };
    }

    /// <summary>
    /// The thread that reads is about to handle replies: what is appended meanwhile goes out in one write at the end of the batch.
    /// </summary>
    public void BeginBatch() => _receiving = true;

    public Duty EndBatch()
    {
        gate.AssertEntered();
        _receiving = false;
        return TakeOver();
    }

    /// <summary>Does what was decided under the gate, outside of it.</summary>
    public void Carry(in Duty duty)
    {
        if (duty.IsDrain)
        {
            scheduler.Queue(this);
        }
        else if (!duty.Bytes.IsEmpty)
        {
            Send(duty.Bytes, duty.Until);
        }
    }

    /// <summary>The drain: sends what has gathered while something was in flight.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Duty duty;
        using (gate.Enter())
        {
            duty = _state == SendState.DrainQueued ? TakeOver() : default;
        }

        Carry(duty);
    }

    [Conditional("DEBUG")]
    public void AssertInvariants() =>
        Debug.Assert(_output is not null || _state == SendState.Idle, "nothing is sent before there is a pipe");

    /// <summary>Becomes the sender if nobody is; a drain that is only queued is forestalled.</summary>
    private Duty TakeOver()
    {
        gate.AssertEntered();
        if (_state == SendState.Sending)
        {
            return default;
        }

        _state = SendState.Idle;
        if (!queue.Line.HasSendable)
        {
            return default;
        }

        _state = SendState.Sending;
        return new Duty { Bytes = queue.Line.TakeSendable(), Until = long.MaxValue };
    }

    private void Send(ReadOnlyMemory<byte> bytes, long until)
    {
        try
        {
            do
            {
                ValueTask<FlushResult> flush = _output!.WriteAsync(bytes);
                if (!flush.IsCompletedSuccessfully)
                {
                    // It may go on to send what others ask: not under the context of this caller.
                    WithoutContext.Start(static pending => _ = pending.Sender.FinishSendAsync(pending.Flush), (Sender: this, Flush: flush));
                    return;
                }

                ThrowIfReaderGone(flush.Result);
            }
            while (TryGoOn(until, out bytes));
        }
        catch (Exception failure)
        {
            onLost(failure);
        }
    }

    private async Task FinishSendAsync(ValueTask<FlushResult> flush)
    {
        ReadOnlyMemory<byte> bytes;
        try
        {
            ThrowIfReaderGone(await flush.ConfigureAwait(false));
            if (!TryGoOn(long.MaxValue, out bytes))
            {
                return;
            }
        }
        catch (Exception failure)
        {
            onLost(failure);
            return;
        }

        Send(bytes, long.MaxValue);
    }

    private bool TryGoOn(long until, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        using (gate.Enter())
        {
            queue.Line.NoteSent();
            _state = SendState.Idle;
            if (!queue.Line.HasSendable)
            {
                return false;
            }

            if (queue.Line.HandedOver < until)
            {
                bytes = TakeOver().Bytes;
                return true;
            }

            if (_receiving)
            {
                return false;
            }

            _state = SendState.DrainQueued;
        }

        scheduler.Queue(this);
        return false;
    }

    private static void ThrowIfReaderGone(FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw new IOException("the other side has stopped reading.");
        }
    }
}
