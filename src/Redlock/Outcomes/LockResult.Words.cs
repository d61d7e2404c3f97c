using Redlock.Fast.Resp;

namespace Redlock.Fast;

// What the nodes said, for whoever wants to know why.
public readonly partial record struct LockResult
{
    /// <summary>
    /// What each node said in the last attempt, in the order of the factory's nodes; empty for a result that no mutex gave. Made anew at
    /// each call: a result itself costs nothing.
    /// </summary>
    /// <remarks>A node that nobody had to wait for is <see cref="NodeVote.NotAwaited"/>.</remarks>
    public IReadOnlyList<NodeOutcome> Nodes => Said.ToArray();

    /// <summary>Does nothing if the lock was acquired, and else throws what <see cref="RedlockMutex.LockAsync"/> would have.</summary>
    /// <exception cref="LockFailedException">The lock was not acquired; the text has what each node said.</exception>
    public void ThrowUnlessAcquired()
    {
        if (!IsAcquired)
        {
            throw new LockFailedException(Said.Name ?? string.Empty, Status, Tries, Said.ToArray(), LooksMisconfigured);
        }
    }

    /// <summary>
    /// How it ended, for people: of a lock that was not acquired the text of a <see cref="LockFailedException"/>, with a line for what each
    /// node said.
    /// </summary>
    public override string ToString() =>
        Said.Name is not { } name ? Status.ToString()
        : IsAcquired ? $"The lock '{PrintableText.OfName(name)}' was acquired (tries: {Tries})."
        : FailureText.Of(name, Status, Tries, Said.ToArray(), LooksMisconfigured);

    /// <summary>Whether both ended in the same way, with the same token; what the nodes said on the way is not compared.</summary>
    /// <param name="other">Another result.</param>
    public bool Equals(LockResult other) =>
        Status == other.Status && Token == other.Token && LooksMisconfigured == other.LooksMisconfigured
        && ReferenceEquals(Mutex, other.Mutex);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Token, LooksMisconfigured);
}
