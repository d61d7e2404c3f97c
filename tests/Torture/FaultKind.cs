namespace Redlock.Fast.Torture;

/// <summary>What the nemesis does.</summary>
internal enum FaultKind
{
    /// <summary>SIGSTOP to a node, and SIGCONT later.</summary>
    PauseNode = 0,

    /// <summary>SIGKILL to a node, and a new start without its data later.</summary>
    KillNode,

    /// <summary>A node saves its data and shuts down, and starts with it later.</summary>
    RestartNode,

    /// <summary>A node forgets its scripts, and everyone's connection stays.</summary>
    FlushScripts,

    /// <summary>A node closes the connections of all its clients, who may come back at once.</summary>
    KillConnections,

    /// <summary>A node closes the connections of those who hear its channels, who may come back at once.</summary>
    KillSubscribers,

    /// <summary>A node takes no more connections, and those that clients have are cut.</summary>
    FillNode,

    /// <summary>A link of one client, or of all of them, to a node gets worse.</summary>
    WorsenLink,

    /// <summary>SIGSTOP to a client process, and SIGCONT later.</summary>
    PauseClient,

    /// <summary>SIGKILL to a client process, and a new one in its place later.</summary>
    KillClient,
}
