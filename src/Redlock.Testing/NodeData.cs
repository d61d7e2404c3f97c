namespace Redlock.Fast.Testing;

/// <summary>What a node that is started again finds of its data.</summary>
public enum NodeData
{
    /// <summary>Nothing: every key is gone, as after a crash without persistence.</summary>
    Lose = 0,

    /// <summary>What it had; expiries keep their moments, so keys can have expired meanwhile.</summary>
    Keep,
}
