namespace Redlock.Fast;

/// <summary>Which lock could not be released for certain, and what each node said.</summary>
public sealed class ReleaseUnknownEventArgs : EventArgs
{
    /// <summary>Describes a release that ended unknown.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="nodes">What each node said.</param>
    public ReleaseUnknownEventArgs(string name, IReadOnlyList<NodeOutcome> nodes)
    {
        Name = name;
        Nodes = nodes;
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>What each node said.</summary>
    public IReadOnlyList<NodeOutcome> Nodes { get; }
}
