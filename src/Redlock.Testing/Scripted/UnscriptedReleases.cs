namespace Redlock.Fast.Testing;

/// <summary>What a <see cref="ScriptedNode"/> makes of releases that the script does not ask for.</summary>
/// <remarks>
/// After a failed attempt the library releases what that attempt may have left behind, and a test of the attempt rarely cares.
/// </remarks>
public enum UnscriptedReleases
{
    /// <summary>They are unexpected, like any other command: the script has to list the clean-up too.</summary>
    Unexpected = 0,

    /// <summary>
    /// A release of an owner whose SET was scripted is answered as a real node would answer it. What cleans up behind an attempt that
    /// too few replies of the script granted is never taken for an expected unlock.
    /// </summary>
    Answered,
}
