namespace Redlock.Fast.Testing;

/// <summary>How an <see cref="InMemoryNode"/> is to be started.</summary>
public sealed record InMemoryNodeOptions
{
    /// <summary>A name for messages.</summary>
    /// <value>Default null: <c>node-1</c>, <c>node-2</c>, ... in the order of their making.</value>
    public string? Name { get; init; }

    /// <summary>Where it listens besides in-process pipes.</summary>
    /// <value>Default <see cref="InMemoryTransports.All"/>.</value>
    public InMemoryTransports Transports { get; init; } = InMemoryTransports.All;

    /// <summary>The TCP port on 127.0.0.1.</summary>
    /// <value>Default 0: a free one.</value>
    public int Port { get; init; }

    /// <summary>The clock that keys expire by and delays are measured on.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>. With a <see cref="ManualTimeProvider"/> keys expire when it is advanced.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The default user's password, as Redis' <c>requirepass</c>.</summary>
    /// <value>Default null: no password, every connection is the default user.</value>
    public string? Password { get; init; }

    /// <summary>The name of one more user, who logs in with <see cref="UserPassword"/> and may do everything.</summary>
    /// <value>Default null: none.</value>
    public string? User { get; init; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public string? UserPassword { get; init; }

    /// <summary>Whether it runs scripts, and what it has in their place.</summary>
    /// <value>Default <see cref="InMemoryScripting.Lua"/>.</value>
    public InMemoryScripting Scripting { get; init; }
}
