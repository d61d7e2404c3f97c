using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What a factory knows of the server behind one of its nodes, and whether it counts that server's votes.</summary>
/// <param name="Node">The node's name.</param>
public readonly record struct NodeBelief(string Node)
{
    /// <summary>
    /// Who answers there; <c>null</c> if nobody has yet. One without a <see cref="RespServer.RunId"/> may not be asked, or does not say: it
    /// is believed, and that it is the twin of another or has restarted can't be known.
    /// </summary>
    public RespServer? Server { get; init; }

    /// <summary>
    /// Why its votes do not count now: <see cref="NodeCause.Twin"/> or <see cref="NodeCause.Quarantined"/>; <see cref="NodeCause.None"/> if
    /// they do.
    /// </summary>
    public NodeCause Doubt { get; init; }

    /// <summary>The same for people, in one line that begins with the node's name; <c>null</c> if its votes count.</summary>
    public string? Words { get; init; }

    /// <summary>
    /// How often its server has restarted while this factory held locks that are older, without a
    /// <see cref="RedlockOptions.RestartQuarantine"/>: if it lost its data, it could have given such a lock to somebody else.
    /// </summary>
    public int RestartsUnderLocks { get; init; }
}
