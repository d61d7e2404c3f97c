namespace Redlock.Fast.Fuzz;

/// <summary>One input in the making: bytes that can be cut and joined in place.</summary>
internal sealed class Specimen
{
    /// <summary>Long enough for several of the longest payloads, and for scratch that is gathered in more than one step.</summary>
    public const int MostBytes = 8192;

    private readonly byte[] _bytes = new byte[MostBytes];

    public int Length { get; private set; }

    public byte[] Buffer => _bytes;

    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Set(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
        Length = bytes.Length;
    }

    /// <summary>Puts bytes in; what then does not fit falls off the end.</summary>
    public void Insert(int index, ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, MostBytes - index);
        int moved = Math.Min(Length - index, MostBytes - index - count);
        _bytes.AsSpan(index, moved).CopyTo(_bytes.AsSpan(index + count));
        bytes[..count].CopyTo(_bytes.AsSpan(index));
        Length = index + count + moved;
    }

    public void Remove(int index, int count)
    {
        _bytes.AsSpan(index + count, Length - index - count).CopyTo(_bytes.AsSpan(index));
        Length -= count;
    }

    public void Truncate(int length) => Length = length;
}
