using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>What a known script does, in C#.</summary>
/// <param name="Keys">How many KEYS it reads.</param>
/// <param name="Arguments">How many ARGV it reads.</param>
/// <param name="Run">The script; its KEYS start at the given index of the request, its ARGV behind them.</param>
internal sealed record InMemoryScript(
    int Keys,
    int Arguments,
    Action<InMemoryClient, InMemoryRequest, int, IBufferWriter<byte>> Run);

/// <summary>The scripts a node has loaded, by their SHA-1. Not thread-safe: the node runs one command at a time.</summary>
/// <param name="known">What the node can run, by SHA-1 in lower case hexadecimal.</param>
internal sealed class InMemoryScripts(IReadOnlyDictionary<string, InMemoryScript> known)
{
    private const int HashDigits = 40;

    private const int Done = 1;
    private const int NothingThere = 0;
    private const int SomeoneElses = -1;

    // A hash without an implementation is a script that was loaded, but that only a real server could run.
    private readonly Dictionary<string, InMemoryScript?> _loaded = new(StringComparer.Ordinal);

    /// <summary>The library's own scripts.</summary>
    public static IReadOnlyDictionary<string, InMemoryScript> Known { get; } = new Dictionary<string, InMemoryScript>(StringComparer.Ordinal)
    {
        [RedlockScripts.Release.Sha1] = new(Keys: 1, Arguments: 1, Release),
        [RedlockScripts.Extend.Sha1] = new(Keys: 1, Arguments: 2, Extend),
    };

    public static string HashOf(string text) => HashOf(Encoding.UTF8.GetBytes(text));

    public string Load(ReadOnlySpan<byte> text)
    {
        var hash = HashOf(text);
        _loaded[hash] = known.GetValueOrDefault(hash);
        return hash;
    }

    public void Prepare(RespScript script) => _loaded.TryAdd(script.Sha1, known.GetValueOrDefault(script.Sha1));

    public bool IsLoaded(ReadOnlySpan<byte> hash) => TryFind(hash, out _);

    /// <summary>Whether a script is loaded; it is null if this node cannot run it.</summary>
    public bool TryFind(ReadOnlySpan<byte> hash, out InMemoryScript? script)
    {
        script = null;
        Span<char> digits = stackalloc char[HashDigits];
        return hash.Length == HashDigits
            && Ascii.ToLower(hash, digits, out _) == OperationStatus.Done
            && _loaded.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(digits, out script);
    }

    public void Flush() => _loaded.Clear();

    // The protocol names a script by this hash; it guards nothing.
#pragma warning disable CA5350
    private static string HashOf(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA1.HashData(text));
#pragma warning restore CA5350

    // KEYS[1] the lock, ARGV[1] its owner.
    private static void Release(InMemoryClient client, InMemoryRequest request, int keys, IBufferWriter<byte> reply)
    {
        var entry = client.Server.Store.Find(client.Database, request[keys]);
        var outcome = Compare(entry, request[keys + 1]);
        if (outcome == Done)
        {
            entry!.Remove();
        }

        RespWriter.WriteInteger(reply, outcome);
    }

    // KEYS[1] the lock, ARGV[1] its owner, ARGV[2] the least expiry from now, in milliseconds.
    private static void Extend(InMemoryClient client, InMemoryRequest request, int keys, IBufferWriter<byte> reply)
    {
        var entry = client.Server.Store.Find(client.Database, request[keys]);
        var outcome = Compare(entry, request[keys + 1]);
        if (outcome == Done)
        {
            if (!InMemoryCommands.TryParseExpiry(client, request[keys + 2], out var expiresAt, out var error))
            {
                RespWriter.WriteError(reply, error);
                return;
            }

            if (entry!.ExpiresAt == InMemoryEntry.Never || entry.ExpiresAt < expiresAt)
            {
                InMemoryCommands.Expire(entry, expiresAt);
            }
        }

        RespWriter.WriteInteger(reply, outcome);
    }

    private static int Compare(InMemoryEntry? entry, ReadOnlySpan<byte> owner) =>
        entry is null ? NothingThere : entry.Value.SequenceEqual(owner) ? Done : SomeoneElses;
}
