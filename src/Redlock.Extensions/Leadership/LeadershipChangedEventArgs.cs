namespace Redlock.Fast.Extensions;

/// <summary>This instance has begun or ended to lead.</summary>
/// <param name="term">Whose beginning or end it is.</param>
/// <param name="change">What happened.</param>
public sealed class LeadershipChangedEventArgs(LeaderTerm term, LeadershipChange change) : EventArgs
{
    /// <summary>Whose beginning or end it is.</summary>
    public LeaderTerm Term { get; } = term;

    /// <summary>What happened.</summary>
    public LeadershipChange Change { get; } = change;
}
