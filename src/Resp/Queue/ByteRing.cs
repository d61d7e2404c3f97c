using System.Diagnostics;
using System.Numerics;

namespace Redlock.Fast.Resp;

/// <summary>The bytes of the frames that are not answered yet, addressed by their position in the connection's whole stream.</summary>
/// <remarks>
/// A frame is kept until its reply has come, so that it can be repeated; growing leaves the old array to whoever is still sending from it.
/// </remarks>
internal struct ByteRing(int initialBytes)
{
    /// <summary>What a ring is cut back to once an overload is long over.</summary>
    public const int KeptBytes = 64 * 1024;

    private byte[] _bytes = new byte[initialBytes];

    // The largest that was no larger than what is kept: to cut back allocates nothing.
    private byte[]? _small;
    private SpareRoom _spare = new(KeptBytes);
    private long _origin;

    /// <summary>The position of the oldest byte kept.</summary>
    public long Start { get; private set; }

    /// <summary>The position behind the newest byte.</summary>
    public long End { get; private set; }

    public readonly int Count => (int)(End - Start);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Count == 0)
        {
            // From the front again, so that frames of a quiet connection lie in one piece and go out in one write.
            _origin = End;
            if (_spare.IsTooMuch(_bytes.Length) && _small is { } small)
            {
                _bytes = small;
            }
        }

        if (Count + bytes.Length > _bytes.Length)
        {
            Grow(Count + bytes.Length);
        }

        int index = Index(End);
        int first = Math.Min(bytes.Length, _bytes.Length - index);
        bytes[..first].CopyTo(_bytes.AsSpan(index));
        bytes[first..].CopyTo(_bytes);
        End += bytes.Length;
        _spare.Note(Count);
    }

    /// <summary>The longest stretch from <paramref name="position"/> up to <paramref name="limit"/> that lies in one piece.</summary>
    public readonly ReadOnlyMemory<byte> Stretch(long position, long limit)
    {
        Debug.Assert(position >= Start && limit <= End, "a stretch lies inside what is kept");
        int index = Index(position);
        return _bytes.AsMemory(index, (int)Math.Min(limit - position, _bytes.Length - index));
    }

    public readonly void CopyTo(long position, Span<byte> target)
    {
        ReadOnlySpan<byte> first = Stretch(position, position + target.Length).Span;
        first.CopyTo(target);
        if (first.Length < target.Length)
        {
            Stretch(position + first.Length, position + target.Length).Span.CopyTo(target[first.Length..]);
        }
    }

    /// <summary>Forgets everything before <paramref name="position"/>.</summary>
    public void ReleaseTo(long position)
    {
        Debug.Assert(position >= Start && position <= End, "only what is kept can be released");
        Start = position;
    }

    private readonly int Index(long position) => (int)((position - _origin) & (_bytes.Length - 1));

    private void Grow(int needed)
    {
        byte[] larger = new byte[BitOperations.RoundUpToPowerOf2((uint)needed)];
        CopyTo(Start, larger.AsSpan(0, Count));
        _small = _bytes.Length <= KeptBytes ? _bytes : _small;
        _bytes = larger;
        _origin = Start;
    }
}
