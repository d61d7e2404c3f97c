using System.Buffers;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>The one buffer that a transport receives into and its reader parses.</summary>
internal sealed class ReceiveBuffer
{
    // Holds the replies to some hundred requests; it grows only for bytes that were received.
    private const int InitialBytes = 4096;

    // What it is cut back to once a flood is long over.
    private const int KeptBytes = 64 * 1024;

    private byte[] _buffer = new byte[InitialBytes];

    // The largest that was no larger than what is kept: to cut back allocates nothing.
    private byte[]? _small;
    private SpareRoom _spare = new(KeptBytes);
    private int _start;
    private int _end;
    private bool _allExamined = true;
    private bool _ended;
    private ReadOnlySequence<byte> _handedOut;

    /// <summary>Whether the reader has seen all that has come, so that it must wait for more.</summary>
    public bool IsExhausted => _allExamined && !_ended;

    /// <summary>Where the next bytes go, behind those that are kept; never empty.</summary>
    public ArraySegment<byte> MakeRoom()
    {
        if (_end == _buffer.Length)
        {
            byte[] target = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
            Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
            _small = target != _buffer && _buffer.Length <= KeptBytes ? _buffer : _small;
            _buffer = target;
            _end -= _start;
            _start = 0;
        }

        return new ArraySegment<byte>(_buffer, _end, _buffer.Length - _end);
    }

    /// <summary>So many bytes have come; 0 is the end of the stream.</summary>
    public void Received(int count)
    {
        _end += count;
        _ended = count == 0;
        _allExamined &= count == 0;
    }

    public ReadResult HandOut()
    {
        _handedOut = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        return new ReadResult(_handedOut, isCanceled: false, isCompleted: _ended);
    }

    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _allExamined = _handedOut.Slice(examined).IsEmpty;
        _start = _end - (int)_handedOut.Slice(consumed).Length;
        if (_start == _end)
        {
            _spare.Note(_end);
            _buffer = _spare.IsTooMuch(_buffer.Length) && _small is { } small ? small : _buffer;
            _start = _end = 0;
        }
    }
}
