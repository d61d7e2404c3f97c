namespace Redlock.Fast;

/// <summary>What the votes of an attempt amount to.</summary>
internal enum QuorumDecision : byte
{
    /// <summary>A missing reply can still change it.</summary>
    Undecided = 0,

    /// <summary>A quorum granted it.</summary>
    Granted,

    /// <summary>A quorum is out of reach even if every node that failed had granted it.</summary>
    Refused,

    /// <summary>A quorum is out of reach, but the nodes that failed could have made the difference.</summary>
    Unavailable,

    /// <summary>The first node granted it, and the others have not been asked yet.</summary>
    FirstNodeGranted,
}
