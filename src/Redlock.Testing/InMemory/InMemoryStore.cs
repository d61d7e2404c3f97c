namespace Redlock.Fast.Testing;

/// <summary>The keys of one node and their expiry. Not thread-safe: the node runs one command at a time.</summary>
/// <remarks>
/// Expiry goes by the wall clock in whole milliseconds, and a key lives through the millisecond it expires in, as in Redis:
/// set at 0 with 100 ms, it is there at 100 and gone at 101.
/// </remarks>
internal sealed class InMemoryStore(TimeProvider clock)
{
    public const int DatabaseCount = 16;

    // A deleted key's entry stays for the next owner of the same name, so that taking a lock over and over allocates nothing.
    // From this many entries on a sweep drops the dead ones; it recurs when the survivors have doubled.
    private const int FirstSweepAt = 1024;

    private readonly Database[] _databases = CreateDatabases();

    public long NowMilliseconds => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public InMemoryEntry? Find(int database, ReadOnlySpan<byte> key)
    {
        if (!_databases[database].ByKey.TryGetValue(key, out InMemoryEntry? entry) || !entry.IsPresent)
        {
            return null;
        }

        if (entry.ExpiresAt < NowMilliseconds)
        {
            entry.Lapse();
            return null;
        }

        return entry;
    }

    /// <summary>The entry of a key that is about to be set: its old one if there is one, dead or alive.</summary>
    public InMemoryEntry FindOrAdd(int database, ReadOnlySpan<byte> key)
    {
        Database keys = _databases[database];
        Dictionary<byte[], InMemoryEntry>.AlternateLookup<ReadOnlySpan<byte>> byKey = keys.ByKey;
        if (byKey.TryGetValue(key, out InMemoryEntry? entry))
        {
            return entry;
        }

        if (keys.Entries.Count >= keys.SweepAt)
        {
            Sweep(keys);
            keys.SweepAt = Math.Max(FirstSweepAt, keys.Entries.Count * 2);
        }

        entry = new InMemoryEntry();
        byKey[key] = entry;
        return entry;
    }

    /// <summary>The version of a key, there or not: the same as long as nobody changed it.</summary>
    public long VersionOf(int database, ReadOnlySpan<byte> key) =>
        _databases[database].ByKey.TryGetValue(key, out InMemoryEntry? entry) ? entry.Version : InMemoryEntry.NoVersion;

    public int Count(int database)
    {
        long now = NowMilliseconds;
        int present = 0;
        foreach (InMemoryEntry entry in _databases[database].Entries.Values)
        {
            present += entry.IsPresent && entry.ExpiresAt >= now ? 1 : 0;
        }

        return present;
    }

    public int CountExpiring(int database)
    {
        int expiring = 0;
        foreach (InMemoryEntry entry in _databases[database].Entries.Values)
        {
            if (entry.IsPresent && entry.ExpiresAt != InMemoryEntry.Never)
            {
                expiring++;
            }
        }

        return expiring;
    }

    public void Flush(int database)
    {
        // Entries stay, as after a deletion: a transaction may have seen their versions.
        foreach (InMemoryEntry entry in _databases[database].Entries.Values)
        {
            if (entry.IsPresent)
            {
                entry.Remove();
            }
        }
    }

    public void FlushAll()
    {
        for (int database = 0; database < DatabaseCount; database++)
        {
            Flush(database);
        }
    }

    private static Database[] CreateDatabases()
    {
        Database[] databases = new Database[DatabaseCount];
        for (int i = 0; i < databases.Length; i++)
        {
            databases[i] = new Database { SweepAt = FirstSweepAt };
        }

        return databases;
    }

    private void Sweep(Database database)
    {
        long now = NowMilliseconds;
        foreach ((byte[]? key, InMemoryEntry? entry) in database.Entries)
        {
            if (!entry.IsPresent || entry.ExpiresAt < now)
            {
                database.Entries.Remove(key);
            }
        }
    }

    private sealed class Database
    {
        public Dictionary<byte[], InMemoryEntry> Entries { get; } = new(ByteKeyComparer.Instance);

        public Dictionary<byte[], InMemoryEntry>.AlternateLookup<ReadOnlySpan<byte>> ByKey =>
            Entries.GetAlternateLookup<ReadOnlySpan<byte>>();

        public int SweepAt { get; set; }
    }
}
