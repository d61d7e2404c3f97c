namespace Redlock.Fast.Resp;

/// <summary>One reply, read in place: a view of bytes that belong to someone else.</summary>
/// <remarks>
/// It is valid until the next read by the <see cref="RespReader"/> that gave it, and no longer than the buffer it was read
/// from: look, or copy with <see cref="ToValue"/>, before releasing that buffer.
/// </remarks>
public readonly ref struct RespReply
{
    // An integer's value; the length of a bulk string or array, -1 for null; 0 for a line.
    private readonly long _number;

    // A string's payload; an array's items, as they stand on the wire.
    private readonly ReadOnlySpan<byte> _bytes;

    internal RespReply(RespType type, long number, ReadOnlySpan<byte> bytes)
    {
        Type = type;
        _number = number;
        _bytes = bytes;
    }

    /// <summary>What the reply is; <see cref="RespType.None"/> if there is none.</summary>
    public RespType Type { get; }

    /// <summary>True for a null bulk string and a null array.</summary>
    public bool IsNull => _number < 0 && Type != RespType.Integer;

    /// <summary>An integer's value; 0 for every other type.</summary>
    public long Integer => Type == RespType.Integer ? _number : 0;

    /// <summary>The payload of a simple string, error or bulk string; empty for null and every other type.</summary>
    public ReadOnlySpan<byte> Bytes => Type == RespType.Array ? default : _bytes;

    /// <summary>How many items an array has; 0 for a null array and every other type.</summary>
    public int Count => Type == RespType.Array && _number > 0 ? (int)_number : 0;

    /// <summary>Walks an array's items in order, without allocating; finds nothing in any other type.</summary>
    /// <returns>An enumerator for <c>foreach</c>.</returns>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Copies the reply, with all that is nested in it, so that it outlives the buffer.</summary>
    /// <returns>The same value, owning its bytes.</returns>
    public RespValue ToValue() => RespValue.Copy(this);

    internal RespReply WithItems(ReadOnlySpan<byte> items) => new(Type, _number, items);

    /// <summary>A walk over an array's items.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private int _remaining;
        private RespReply _current;

        internal Enumerator(RespReply array)
        {
            _rest = array._bytes;
            _remaining = array.Count;
            _current = default;
        }

        /// <summary>The item arrived at.</summary>
        public readonly RespReply Current => _current;

        /// <summary>Steps to the next item.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext()
        {
            if (_remaining == 0)
            {
                _current = default;
                return false;
            }

            _remaining--;
            int header = Next(_rest, out _current);
            int end = header;
            for (long pending = _current.Count; pending > 0; pending--)
            {
                end += Next(_rest[end..], out RespReply nested);
                pending += nested.Count;
            }

            if (_current.Type == RespType.Array)
            {
                _current = _current.WithItems(_rest[header..end]);
            }

            _rest = _rest[end..];
            return true;
        }

        // The reader has checked these bytes against its limits; here they only have to be told apart.
        private static int Next(ReadOnlySpan<byte> items, out RespReply item)
        {
            RespVerdict verdict = RespElement.Read(items, int.MaxValue, int.MaxValue, out item, out int size);
            return verdict == RespVerdict.Whole ? size : throw new InvalidOperationException(
                "The bytes of this reply have changed since it was read: it was used after its buffer was released.");
        }
    }
}
