namespace Redlock.Fast;

/// <summary><see cref="RedlockMutex.LockAsync"/> throws it: a lock was not taken after all its tries.</summary>
/// <example>
/// <code>
/// try
/// {
///     await using LockHandle held = await mutex.LockAsync(cancellationToken);
/// }
/// catch (LockFailedException failed) when (failed.Status == LockStatus.Contended)
/// {
///     Console.WriteLine($"{failed.Name} is somebody else's.");
/// }
/// </code>
/// </example>
public sealed class LockFailedException : Exception
{
    /// <summary>Describes the last try.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="status">Why it was not taken.</param>
    /// <param name="tries">How many attempts were made.</param>
    /// <param name="nodes">What each node said in the last one.</param>
    public LockFailedException(string name, LockStatus status, int tries, IReadOnlyList<NodeOutcome> nodes)
        : this(name, status, tries, nodes, looksMisconfigured: false)
    {
    }

    internal LockFailedException(string name, LockStatus status, int tries, IReadOnlyList<NodeOutcome> nodes, bool looksMisconfigured)
        : base(FailureText.Of(name, status, tries, nodes, looksMisconfigured))
    {
        LooksMisconfigured = looksMisconfigured;
        Name = name;
        Status = status;
        Tries = tries;
        Nodes = nodes;
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>Whether somebody else holds it or too few nodes answered.</summary>
    public LockStatus Status { get; }

    /// <inheritdoc cref="LockResult.LooksMisconfigured"/>
    public bool LooksMisconfigured { get; }

    /// <summary>How many attempts were made.</summary>
    public int Tries { get; }

    /// <summary>What each node said in the last attempt.</summary>
    public IReadOnlyList<NodeOutcome> Nodes { get; }
}
