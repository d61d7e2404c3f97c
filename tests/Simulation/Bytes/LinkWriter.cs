using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Redlock.Fast.Simulation;

/// <summary>
/// What the client writes to a link: all of it is taken at once, or the rest bit by bit, out of the client's own memory, while the flush
/// is pending.
/// </summary>
internal sealed class LinkWriter(ByteLink link) : PipeWriter, IValueTaskSource<FlushResult>
{
    private ManualResetValueTaskSourceCore<FlushResult> _flush;
    private ReadOnlyMemory<byte> _rest;
    private byte[] _expected = [];
    private Exception? _failure;
    private bool _isPending;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_isPending)
        {
            link.World.Fail(Invariant.FramesAreInOrder, $"{link.Name}: two write at a time");
        }

        if (_failure is not null)
        {
            throw _failure;
        }

        link.Log.NoteWritten(source.Span);
        int taken = link.TakesOf(source.Length);
        _isPending = taken < source.Length;
        if (!_isPending)
        {
            link.Carry(source.Span);
            return default;
        }

        _flush.Reset();
        _rest = source[taken..];
        _expected = _rest.ToArray();
        ValueTask<FlushResult> flush = new(this, _flush.Version);
        link.Carry(source.Span[..taken]);
        link.TakeLater(TakeMore);
        return flush;
    }

    /// <summary>Nothing is taken any more: whoever waits is told so.</summary>
    public void End(Exception failure)
    {
        _failure ??= failure;
        link.Client.Post(link.World.Now + link.Client.Hop(), () => Complete(default, _failure));
    }

    public override void CancelPendingFlush() =>
        link.Client.Post(link.World.Now + link.Client.Hop(), () => Complete(new FlushResult(isCanceled: true, isCompleted: false), null));

    public override void Complete(Exception? exception = null) => link.Close();

    public override void Advance(int bytes) => throw new NotSupportedException();

    public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

    public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _flush.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _flush.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _flush.OnCompleted(continuation, state, token, flags);

    private void TakeMore()
    {
        if (!_isPending || _failure is not null)
        {
            return;
        }

        if (!_rest.Span.SequenceEqual(_expected))
        {
            link.World.Fail(Invariant.FramesAreInOrder, $"{link.Name}: what was to be sent has changed before it was");
        }

        int taken = link.TakesOf(_rest.Length);
        ReadOnlyMemory<byte> now = _rest[..taken];
        _rest = _rest[taken..];
        _expected = _rest.ToArray();
        link.Carry(now.Span);
        if (_rest.IsEmpty)
        {
            link.Client.Post(link.World.Now + link.Client.Hop(), () => Complete(default, null));
        }
        else
        {
            link.TakeLater(TakeMore);
        }
    }

    private void Complete(FlushResult result, Exception? failure)
    {
        if (!_isPending)
        {
            return;
        }

        _isPending = false;
        if (failure is null)
        {
            _flush.SetResult(result);
        }
        else
        {
            _flush.SetException(failure);
        }
    }
}
