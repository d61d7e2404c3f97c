namespace Redlock.Fast.Testing;

/// <summary>How a <see cref="ScriptedNode"/> plays its script.</summary>
public sealed record ScriptedNodeOptions
{
    /// <summary>How a command finds its expectation.</summary>
    /// <value>Default <see cref="ScriptOrder.Matched"/>.</value>
    public ScriptOrder Order { get; init; } = ScriptOrder.Matched;

    /// <summary>What becomes of releases that the script does not ask for.</summary>
    /// <value>Default <see cref="UnscriptedReleases.Answered"/>.</value>
    public UnscriptedReleases UnscriptedReleases { get; init; } = UnscriptedReleases.Answered;

    /// <summary>The clock that <see cref="Reply.After"/> is measured on.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
