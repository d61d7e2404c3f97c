using System.Text;

namespace Redlock.Fast;

/// <summary>The key of a lock: a prefix and a name as UTF-8. Any character may stand in it; one of the two may be empty.</summary>
internal static class MutexKey
{
    /// <summary>The longest key: longer ones would be a mistake, and would burst the bounds of a node's queue.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The same for the same key, and not zero.</summary>
    public static int Hash(ReadOnlySpan<byte> key)
    {
        // FNV-1a: a stranger who makes names collide only costs them a place in a queue.
        uint hash = 2166136261;
        foreach (byte one in key)
        {
            hash = (hash ^ one) * 16777619;
        }

        return hash == 0 ? 1 : (int)hash;
    }

    /// <exception cref="ArgumentException">The key is empty, too long, or not valid UTF-16.</exception>
    public static byte[] Encode(string prefix, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length + name.Length == 0)
        {
            throw new ArgumentException("The name is empty, and so is its prefix: a key has at least one character.", nameof(name));
        }

        byte[] key;
        try
        {
            key = _strict.GetBytes(prefix + name);
        }
        catch (EncoderFallbackException unpaired)
        {
            throw new ArgumentException("The name, or its prefix, has an unpaired surrogate: it is not valid UTF-16.", nameof(name), unpaired);
        }

        return key.Length <= MaxBytes
            ? key
            : throw new ArgumentException($"The name with its prefix takes {key.Length} bytes as UTF-8; the limit is {MaxBytes}.", nameof(name));
    }
}
