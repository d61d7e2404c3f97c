namespace Redlock.Fast.Testing;

/// <summary>What a key holds: a value in a buffer that is reused, and the millisecond it expires in.</summary>
internal sealed class InMemoryEntry
{
    public const long Never = long.MaxValue;

    /// <summary>The version of a key that never was there.</summary>
    public const long NoVersion = 0;

    private static long _changes;

    private byte[] _buffer = [];
    private int _length;

    public bool IsPresent { get; private set; }

    /// <summary>Another one after each change, a removal included, and no other key ever had it.</summary>
    public long Version { get; private set; } = NoVersion;

    public long ExpiresAt
    {
        get;
        set
        {
            field = value;
            Version = Interlocked.Increment(ref _changes);
        }
    } = Never;

    public ReadOnlySpan<byte> Value => _buffer.AsSpan(0, _length);

    public void Set(ReadOnlySpan<byte> value, long expiresAt)
    {
        if (_buffer.Length < value.Length)
        {
            _buffer = new byte[value.Length];
        }

        value.CopyTo(_buffer);
        _length = value.Length;
        ExpiresAt = expiresAt;
        IsPresent = true;
    }

    public void Remove()
    {
        IsPresent = false;
        Version = Interlocked.Increment(ref _changes);
    }

    /// <summary>Removes it because its time is over, which is no change that a transaction minds.</summary>
    public void Lapse() => IsPresent = false;
}
