namespace Redlock.Fast.Testing;

/// <summary>One command's arguments, the command's name being the first, in a buffer that is reused for the next command.</summary>
internal sealed class InMemoryRequest
{
    // A buffer grown beyond this by one large request is let go after it.
    private const int KeepBytes = 64 * 1024;

    private byte[] _bytes = new byte[256];
    private int[] _ends = new int[8];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            int start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsSpan(start, _ends[index] - start);
        }
    }

    public void Clear()
    {
        Count = 0;
        if (_bytes.Length > KeepBytes)
        {
            _bytes = new byte[256];
        }
    }

    public void Add(ReadOnlySpan<byte> argument)
    {
        int start = Count == 0 ? 0 : _ends[Count - 1];
        if (start + argument.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + argument.Length));
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, _ends.Length * 2);
        }

        argument.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = start + argument.Length;
    }
}
