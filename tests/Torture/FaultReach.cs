namespace Redlock.Fast.Torture;

/// <summary>By which means nodes are tortured.</summary>
internal enum FaultReach
{
    /// <summary>By signals to them, and by commands that Redis and Valkey have.</summary>
    Server = 0,

    /// <summary>By signals alone: what is none of these two has other commands for its administrator.</summary>
    Outside,
}
