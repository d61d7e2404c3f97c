namespace Redlock.Fast;

/// <summary>What a vote is given to.</summary>
internal enum VoteUse : byte
{
    /// <summary>An extension or a release: of a lock that the node knows or does not know.</summary>
    Holding = 0,

    /// <summary>An acquisition: that the lock is free is the node's word alone.</summary>
    Acquisition,
}
