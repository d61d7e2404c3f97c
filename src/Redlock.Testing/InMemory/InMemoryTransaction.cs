namespace Redlock.Fast.Testing;

/// <summary>The keys a connection watches, and the commands it has queued since MULTI.</summary>
internal sealed class InMemoryTransaction
{
    private readonly List<(int Database, byte[] Key, long Version)> _watched = [];

    /// <summary>Whether commands are queued in place of being executed.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether a command was refused instead of queued, so that nothing of it may be executed.</summary>
    public bool IsSpoilt { get; private set; }

    /// <summary>What EXEC runs, in order.</summary>
    public List<(InMemoryCommand Command, InMemoryRequest Request)> Queued { get; } = [];

    public void Open() => IsOpen = true;

    public void Spoil() => IsSpoilt = IsOpen;

    public void Watch(InMemoryStore store, int database, ReadOnlySpan<byte> key) =>
        _watched.Add((database, key.ToArray(), store.VersionOf(database, key)));

    public void Unwatch() => _watched.Clear();

    public void Queue(InMemoryCommand command, InMemoryRequest request)
    {
        // The session reads its next command into the same buffer.
        InMemoryRequest copy = new InMemoryRequest();
        for (int i = 0; i < request.Count; i++)
        {
            copy.Add(request[i]);
        }

        Queued.Add((command, copy));
    }

    public bool IsUnchanged(InMemoryStore store)
    {
        foreach ((int database, byte[]? key, long version) in _watched)
        {
            if (store.VersionOf(database, key) != version)
            {
                return false;
            }
        }

        return true;
    }

    public void Close()
    {
        IsOpen = false;
        IsSpoilt = false;
        Queued.Clear();
        Unwatch();
    }
}
