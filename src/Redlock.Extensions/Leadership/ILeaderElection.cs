namespace Redlock.Fast.Extensions;

/// <summary>
/// Tells whether this instance of a service is the one that leads. Register it with <c>services.AddLeaderElection("name")</c> and have it
/// injected, by its name as the key where there are several; or derive from <see cref="LeaderService"/> and look no further.
/// </summary>
/// <remarks>
/// It competes from the start of the host to its end: a leader that is stopped hands over to another instance within a round trip, one
/// that dies is followed when its expiry is over. A lease, like the lock behind it: whoever writes to a resource that must see one leader
/// only looks at <see cref="LeaderTerm.IsHeld"/> before, and keeps the steps short.
/// </remarks>
/// <example>
/// <code>
/// LeaderTerm term = await election.WaitForTermAsync(stopping);
/// while (term.IsHeld)
/// {
///     await SendAsync(stopping);
/// }
/// </code>
/// </example>
public interface ILeaderElection
{
    /// <summary>
    /// Told when this instance begins or ends to lead, one after the other and each before the next; slow listeners hold up the election.
    /// </summary>
    event EventHandler<LeadershipChangedEventArgs>? Changed;

    /// <summary>What is led, and locked.</summary>
    string Name { get; }

    /// <summary>Whether this instance leads, computed now.</summary>
    bool IsLeader { get; }

    /// <summary>The term for which this instance leads, or <c>null</c> if it does not.</summary>
    LeaderTerm? Term { get; }

    /// <summary>Waits until this instance leads.</summary>
    /// <param name="cancellationToken">Ends the wait, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The term that has begun; the present one if there is one.</returns>
    Task<LeaderTerm> WaitForTermAsync(CancellationToken cancellationToken = default);
}
