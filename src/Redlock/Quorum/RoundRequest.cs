using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What a round sends to every node.</summary>
internal readonly ref partial struct RoundRequest
{
    public required FrameTemplate Template { get; init; }

    public required LockToken Owner { get; init; }

    /// <summary>Whom the owner succeeds, if the frame is one that succeeds somebody.</summary>
    public LockToken Predecessor { get; init; }

    /// <summary>The node that is asked before the others, which are asked only when it grants; <c>null</c> to ask all at once.</summary>
    public int? FirstNode { get; init; }

    public RequestPriority Priority { get; init; }

    /// <summary>Hears the replies first; <c>null</c> where nothing is to be healed.</summary>
    public Healing? Healing { get; init; }

    /// <summary>Until when an answer counts, if that is later than the node's time limit.</summary>
    public long PatientUntilTicks { get; init; }
}
