namespace Redlock.Fast;

/// <summary>Which lock was lost, and why.</summary>
public sealed class LockLostEventArgs : EventArgs
{
    /// <summary>Describes a loss.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="reason">Why.</param>
    public LockLostEventArgs(string name, LossReason reason)
    {
        Name = name;
        Reason = reason;
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>Why.</summary>
    public LossReason Reason { get; }
}
