using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>Reads RESP2 frames, one at a time, from the start of what has arrived.</summary>
/// <remarks>
/// <para>After <see cref="RespReadStatus.NeedMore"/> call again with the same bytes and more behind them, as a span or as a sequence;
/// what was checked already is not read again. After <see cref="RespReadStatus.Done"/> go on behind the bytes consumed.
/// <see cref="RespReadStatus.Invalid"/> is for good. The verdict never depends on how the bytes were cut.</para>
/// <para>The reader is mutable: keep it in a field that is not readonly, and don't copy it. It is not thread-safe.</para>
/// </remarks>
public struct RespReader
{
    // In this place of a position it says that the stream is broken, which keeps the fast path at one comparison.
    private const int Faulted = -1;

    // Large enough that a long frame is gathered in few steps, small enough not to copy much of what follows a short one.
    private const int GatherBytes = 4096;

    // One reply larger than this would otherwise cost its memory for the life of the connection.
    private const int MostScratchKept = 64 * 1024;

    private readonly RespLimits? _limits;
    private RespFault? _fault;

    // How much of the current frame is known to be valid: always the start of an element.
    private int _position;

    // How many elements must follow the position, as announced by the headers before it.
    private long _outstanding;

    // How many elements of the current frame stand before the position.
    private int _elements;

    // For each array that is open, how many of its items are not complete.
    private int[]? _open;
    private int _depth;

    // A copy of the first bytes of the current frame, once it is known to span segments.
    private byte[]? _scratch;
    private int _gathered;

    /// <summary>Makes a reader at the start of a stream.</summary>
    /// <param name="limits">What to refuse; <see cref="RespLimits.Default"/> if null.</param>
    public RespReader(RespLimits? limits = null)
    {
        _limits = limits;
    }

    /// <summary>Why the stream was found invalid, with an escaped excerpt of what came; null as long as it is not.</summary>
    /// <remarks>A peer that was sent a secret may repeat it in what came.</remarks>
    public readonly string? Fault => _fault?.Text;

    /// <summary>The same, for whoever knows what must not be shown.</summary>
    internal readonly RespFault? Flaw => _fault;

    private readonly RespLimits Limits => _limits ?? RespLimits.Default;

    /// <summary>Reads one whole frame from the start of the bytes.</summary>
    /// <param name="buffer">All that has arrived since the last frame's end.</param>
    /// <param name="reply">The frame if done, a view into <paramref name="buffer"/>; otherwise <c>default</c>.</param>
    /// <param name="consumed">The frame's bytes if done; otherwise 0.</param>
    /// <returns>Whether a frame was read, more is needed, or the stream is broken.</returns>
    /// <exception cref="ArgumentException">Bytes given before are missing.</exception>
    public RespReadStatus TryRead(ReadOnlySpan<byte> buffer, out RespReply reply, out int consumed)
    {
        if (_position != 0)
        {
            return ReadOn(buffer, out reply, out consumed);
        }

        // A flat frame leaves nothing to remember, whether it is whole or not.
        RespLimits limits = Limits;
        RespVerdict verdict = RespElement.Read(buffer, limits.MaxLineBytes, limits.MaxBulkBytes, out reply, out consumed);
        if (consumed <= limits.MaxFrameBytes)
        {
            if (verdict == RespVerdict.Whole && reply.Count == 0)
            {
                _gathered = 0;
                return RespReadStatus.Done;
            }

            if (verdict == RespVerdict.NeedMore)
            {
                consumed = 0;
                return RespReadStatus.NeedMore;
            }
        }

        _outstanding = 1;
        return ReadOn(buffer, out reply, out consumed);
    }

    /// <summary>Reads one whole frame from the start of the bytes.</summary>
    /// <param name="buffer">All that has arrived since the last frame's end.</param>
    /// <param name="reply">The frame if done, a view into <paramref name="buffer"/>, or, if it spans segments, into a copy that the reader
    /// keeps until it is called again; otherwise <c>default</c>.</param>
    /// <param name="consumed">The frame's bytes if done; otherwise 0.</param>
    /// <returns>Whether a frame was read, more is needed, or the stream is broken.</returns>
    /// <exception cref="ArgumentException">Bytes given before are missing.</exception>
    public RespReadStatus TryRead(scoped in ReadOnlySequence<byte> buffer, out RespReply reply, out long consumed)
    {
        if (_gathered == 0 && _scratch is { Length: > MostScratchKept })
        {
            _scratch = null;
        }

        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (buffer.IsSingleSegment || (_gathered == 0 && first.Length > _position))
        {
            RespReadStatus status = TryRead(first, out reply, out int read);
            consumed = read;
            if (status != RespReadStatus.NeedMore || buffer.IsSingleSegment)
            {
                return status;
            }
        }

        return Gather(buffer, out reply, out consumed);
    }

    private RespReadStatus Gather(scoped in ReadOnlySequence<byte> buffer, out RespReply reply, out long consumed)
    {
        int behind = _gathered;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            ReadOnlySpan<byte> rest = segment.Span;
            if (behind >= rest.Length)
            {
                behind -= rest.Length;
                continue;
            }

            rest = rest[behind..];
            behind = 0;
            while (!rest.IsEmpty)
            {
                ReadOnlySpan<byte> step = rest[..Math.Min(rest.Length, GatherBytes)];
                rest = rest[step.Length..];
                Append(step);

                // The span overload may have been given more of this frame than was gathered.
                if (_gathered <= _position)
                {
                    continue;
                }

                RespReadStatus status = TryRead(_scratch.AsSpan(0, _gathered), out reply, out int read);
                consumed = read;
                if (status != RespReadStatus.NeedMore)
                {
                    return status;
                }
            }
        }

        ThrowIfMissing(buffer.Length, Math.Max(_gathered, _position));
        reply = default;
        consumed = 0;
        return RespReadStatus.NeedMore;
    }

    private void Append(ReadOnlySpan<byte> step)
    {
        int needed = _gathered + step.Length;
        if (_scratch is null || _scratch.Length < needed)
        {
            // Doubling what has arrived, never trusting what was announced.
            byte[] larger = new byte[Math.Max(needed, 2 * _gathered)];
            _scratch.AsSpan(0, _gathered).CopyTo(larger);
            _scratch = larger;
        }

        step.CopyTo(_scratch.AsSpan(_gathered));
        _gathered = needed;
    }

    private RespReadStatus ReadOn(ReadOnlySpan<byte> buffer, out RespReply reply, out int consumed)
    {
        reply = default;
        consumed = 0;
        if (_position == Faulted)
        {
            return RespReadStatus.Invalid;
        }

        ThrowIfMissing(buffer.Length, _position);

        RespLimits limits = Limits;
        do
        {
            ReadOnlySpan<byte> rest = buffer[_position..];
            if (_depth == limits.MaxDepth && !rest.IsEmpty && rest[0] == (byte)RespType.Array)
            {
                return Break(RespVerdict.ArrayTooDeep, rest);
            }

            RespVerdict verdict = RespElement.Read(rest, limits.MaxLineBytes, limits.MaxBulkBytes, out RespReply element, out int size);
            if (verdict < RespVerdict.NeedMore)
            {
                return Break(verdict, rest);
            }

            // The element itself, what its header announces, and what is still to come behind it.
            long following = _outstanding - 1 + element.Count;
            if (_position + (long)size + (RespElement.SmallestBytes * following) > limits.MaxFrameBytes)
            {
                return Break(RespVerdict.FrameTooLarge, rest);
            }

            if (_elements + 1 + following > limits.MaxElements)
            {
                return Break(RespVerdict.TooManyElements, rest);
            }

            if (verdict == RespVerdict.NeedMore)
            {
                return RespReadStatus.NeedMore;
            }

            _outstanding = following;
            _elements++;
            _position += size;
            if (element.Count > 0)
            {
                Open(element.Count, limits.MaxDepth);
            }
            else
            {
                Close();
            }
        }
        while (_depth > 0);

        consumed = _position;
        RespElement.Read(buffer, limits.MaxLineBytes, limits.MaxBulkBytes, out reply, out int header);
        reply = reply.WithItems(buffer[header..consumed]);
        _position = 0;
        _elements = 0;
        _gathered = 0;
        return RespReadStatus.Done;
    }

    private void Open(int count, int maxDepth)
    {
        _open ??= new int[maxDepth];
        _open[_depth++] = count;
    }

    // An element that is complete may complete the array it ends, and that one the array around it.
    private void Close()
    {
        while (_depth > 0 && --_open![_depth - 1] == 0)
        {
            _depth--;
        }
    }

    private RespReadStatus Break(RespVerdict verdict, ReadOnlySpan<byte> rest)
    {
        _fault = new RespFault(verdict, rest, Limits);
        _position = Faulted;
        _scratch = null;
        _gathered = 0;
        return RespReadStatus.Invalid;
    }

    private static void ThrowIfMissing(long length, int known)
    {
        if (length < known)
        {
            throw new ArgumentException($"{length} bytes were given where {known} had been given before: "
                + "a frame must be read again from its first byte until it is whole.");
        }
    }
}
