using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Receives straight into the one buffer that its readers parse.</summary>
internal sealed class SocketPipeReader(Socket socket) : BlockingPipeReader
{
    // Holds the replies to some hundred requests; it grows only for bytes that were received.
    private const int InitialBytes = 4096;

    private byte[] _buffer = new byte[InitialBytes];
    private int _start;
    private int _end;
    private bool _allExamined = true;
    private bool _ended;
    private ReadOnlySequence<byte> _handedOut;

    public override ReadResult Read()
    {
        if (_allExamined && !_ended)
        {
            MakeRoom();
            try
            {
                Received(socket.Receive(_buffer.AsSpan(_end)));
            }
            catch (SocketException failure)
            {
                throw new IOException(failure.Message, failure);
            }
        }

        return HandOut();
    }

    public override bool Poll(TimeSpan time) => !_allExamined || _ended || socket.AwaitBytes(time);

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_allExamined && !_ended)
        {
            MakeRoom();
            Received(await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false));
        }

        return HandOut();
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_allExamined && !_ended)
        {
            result = default;
            return false;
        }

        result = HandOut();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _allExamined = _handedOut.Slice(examined).IsEmpty;
        _start = _end - (int)_handedOut.Slice(consumed).Length;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    public override void CancelPendingRead() => throw new NotSupportedException("Dispose the pipe to end a read.");

    public override void Complete(Exception? exception = null) => socket.Dispose();

    private void Received(int count)
    {
        _end += count;
        _ended = count == 0;
    }

    private ReadResult HandOut()
    {
        _handedOut = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        return new ReadResult(_handedOut, isCanceled: false, isCompleted: _ended);
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        byte[] target = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
        Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
        _buffer = target;
        _end -= _start;
        _start = 0;
    }
}
