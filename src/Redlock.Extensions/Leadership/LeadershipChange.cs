namespace Redlock.Fast.Extensions;

/// <summary>What happened to a leadership.</summary>
public enum LeadershipChange
{
    /// <summary>It was lost: too few nodes could be reached in time, or they said that somebody else has it.</summary>
    Lost = 0,

    /// <summary>It was given up by <see cref="LeaderTerm.Resign"/>; another instance has its chance first.</summary>
    Resigned = 1,

    /// <summary>Its work ended with an exception, which is logged; another instance has its chance first.</summary>
    Failed = 2,

    /// <summary>The host stops.</summary>
    Stopped = 3,

    /// <summary>It has begun.</summary>
    Begun = 4,
}
