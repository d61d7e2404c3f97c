namespace Redlock.Fast;

/// <summary>Which lock was released after its deadline: its holder worked on while another one may have had it.</summary>
public sealed class LockOutlastedEventArgs : EventArgs
{
    /// <summary>Describes work that outlasted its lock.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="late">How long after its deadline the release began.</param>
    public LockOutlastedEventArgs(string name, TimeSpan late)
    {
        Name = name;
        Late = late;
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>How long after its deadline the release began.</summary>
    public TimeSpan Late { get; }
}
