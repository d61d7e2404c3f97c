using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>The scripts a node has loaded, by their SHA-1. Not thread-safe: the node runs one command at a time.</summary>
internal sealed class InMemoryScripts
{
    private const int HashDigits = 40;

    private readonly Dictionary<string, LuaScript> _loaded = new(StringComparer.Ordinal);

    public static string HashOf(string text) => HashOf(Encoding.UTF8.GetBytes(text));

    /// <summary>Loads a script, also one that this node can only refuse to run.</summary>
    public LuaScript Load(ReadOnlySpan<byte> text, out string hash)
    {
        hash = HashOf(text);
        if (!_loaded.TryGetValue(hash, out LuaScript? script))
        {
            script = new LuaScript(text, hash);
            _loaded.Add(hash, script);
        }

        return script;
    }

    public void Prepare(RespScript script)
    {
        if (!_loaded.ContainsKey(script.Sha1))
        {
            Load(Encoding.UTF8.GetBytes(script.Text), out _);
        }
    }

    public bool IsLoaded(ReadOnlySpan<byte> hash) => Find(hash) is not null;

    public LuaScript? Find(ReadOnlySpan<byte> hash)
    {
        Span<char> digits = stackalloc char[HashDigits];
        return hash.Length == HashDigits
            && Ascii.ToLower(hash, digits, out _) == OperationStatus.Done
            && _loaded.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(digits, out LuaScript? script)
                ? script
                : null;
    }

    public void Flush() => _loaded.Clear();

    // The protocol names a script by this hash; it guards nothing.
#pragma warning disable CA5350
    private static string HashOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA1.HashData(text));
#pragma warning restore CA5350
}
