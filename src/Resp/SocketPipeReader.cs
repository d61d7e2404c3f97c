using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Receives straight into the one buffer that its readers parse.</summary>
internal sealed class SocketPipeReader(Socket socket) : BlockingPipeReader
{
    private readonly ReceiveBuffer _buffer = new();

    public override ReadResult Read()
    {
        if (_buffer.IsExhausted)
        {
            try
            {
                _buffer.Received(socket.Receive(_buffer.MakeRoom()));
            }
            catch (SocketException failure)
            {
                throw new IOException(failure.Message, failure);
            }
        }

        return _buffer.HandOut();
    }

    public override bool Poll(TimeSpan time) => !_buffer.IsExhausted || socket.AwaitBytes(time);

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_buffer.IsExhausted)
        {
            _buffer.Received(await socket.ReceiveAsync(_buffer.MakeRoom().AsMemory(), cancellationToken).ConfigureAwait(false));
        }

        return _buffer.HandOut();
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isThere = !_buffer.IsExhausted;
        result = isThere ? _buffer.HandOut() : default;
        return isThere;
    }

    public override void AdvanceTo(SequencePosition consumed) => _buffer.AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _buffer.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => throw new NotSupportedException("Dispose the pipe to end a read.");

    public override void Complete(Exception? exception = null) => socket.Dispose();
}
