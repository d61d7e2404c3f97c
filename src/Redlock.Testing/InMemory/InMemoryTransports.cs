namespace Redlock.Fast.Testing;

/// <summary>Where an <see cref="InMemoryNode"/> listens; in-process pipes work always.</summary>
[Flags]
public enum InMemoryTransports
{
    /// <summary>Nowhere: only <see cref="InMemoryNode.Connect"/> reaches it.</summary>
    PipesOnly = 0,

    /// <summary>A TCP port on 127.0.0.1.</summary>
    Tcp = 1,

    /// <summary>A Unix socket in a temporary folder of its own.</summary>
    UnixSocket = 2,

    /// <summary>Both.</summary>
    All = Tcp | UnixSocket,
}
