using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Receives into the one buffer that its readers parse; how bytes come is its kind's business.</summary>
internal abstract class BufferedPipeReader : BlockingPipeReader
{
    protected ReceiveBuffer Buffer { get; } = new();

    /// <summary>Tells that a read would not block; <c>null</c> if that is not known before it has read.</summary>
    public virtual ReadSignal? Signal => null;

    /// <summary>Blocks until a read would not, or until the time is up.</summary>
    /// <param name="time">How long at the most.</param>
    /// <returns>Whether a read would not block.</returns>
    /// <exception cref="IOException">The transport failed.</exception>
    /// <exception cref="ObjectDisposedException">The pipe was disposed, which is how another thread ends this call.</exception>
    public abstract bool Poll(TimeSpan time);

    public sealed override ReadResult Read()
    {
        if (Buffer.IsExhausted)
        {
            Receive();
        }

        return Buffer.HandOut();
    }

    public sealed override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (Buffer.IsExhausted)
        {
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }

        return Buffer.HandOut();
    }

    public sealed override bool TryRead(out ReadResult result)
    {
        bool isThere = !Buffer.IsExhausted;
        result = isThere ? Buffer.HandOut() : default;
        return isThere;
    }

    public sealed override void AdvanceTo(SequencePosition consumed) => Buffer.AdvanceTo(consumed, consumed);

    public sealed override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => Buffer.AdvanceTo(consumed, examined);

    public sealed override void CancelPendingRead() => throw new NotSupportedException("Dispose the pipe to end a read.");

    /// <summary>Blocks until the buffer has more, or knows of the end.</summary>
    protected abstract void Receive();

    /// <summary>The same without a thread.</summary>
    protected abstract ValueTask ReceiveAsync(CancellationToken cancellationToken);
}
