using System.Text;

namespace Redlock.Fast;

/// <summary>The key of a lock: a prefix and a name as UTF-8. Any character may stand in it; one of the two may be empty.</summary>
internal static class MutexKey
{
    /// <summary>The longest key: longer ones would be a mistake, and would burst the bounds of a node's queue.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>What the mark adds to a key, and the channel that is named like it.</summary>
    public const string MarkSuffix = ":waiting";

    /// <summary>What a fence counter adds to a key.</summary>
    public const string FenceSuffix = ":fence";

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

    /// <summary>The key beside the lock's own that says that somebody waits. In a cluster it lies in the slot of the lock.</summary>
    public static byte[] Mark(byte[] key) => HasHashTag(key) ? [.. key, .. ":waiting"u8] : [(byte)'{', .. key, .. "}:waiting"u8];

    /// <summary>The key beside the lock's own that counts its holders, in the same slot.</summary>
    public static byte[] Fence(byte[] key) => HasHashTag(key) ? [.. key, .. ":fence"u8] : [(byte)'{', .. key, .. "}:fence"u8];

    /// <exception cref="ArgumentException">
    /// The key is empty, too long, not valid UTF-16, or ends like one that stands beside a lock's.
    /// </exception>
    public static byte[] Encode(string prefix, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length + name.Length == 0)
        {
            throw new ArgumentException("The name is empty, and so is its prefix: a key has at least one character.", nameof(name));
        }

        string text = prefix + name;
        byte[] key;
        try
        {
            key = _strict.GetBytes(text);
        }
        catch (EncoderFallbackException unpaired)
        {
            throw new ArgumentException(
                "The name, or its prefix, has an unpaired surrogate: it is not valid UTF-16.", nameof(name), unpaired);
        }

        if (text.EndsWith(MarkSuffix, StringComparison.Ordinal) || text.EndsWith(FenceSuffix, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"The name ends in {MarkSuffix} or {FenceSuffix}: these endings are reserved for the keys beside a lock's own.",
                nameof(name));
        }

        return key.Length <= MaxBytes
            ? key
            : throw new ArgumentException(
                $"The name with its prefix takes {key.Length} bytes as UTF-8; the limit is {MaxBytes}.", nameof(name));
    }

    // A cluster hashes what stands between the first opening brace and the next closing one, if anything does.
    private static bool HasHashTag(ReadOnlySpan<byte> key)
    {
        int open = key.IndexOf((byte)'{');
        return open >= 0 && key[(open + 1)..].IndexOf((byte)'}') > 0;
    }
}
