using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What a round sends to every node.</summary>
internal readonly ref struct RoundRequest
{
    public required FrameTemplate Template { get; init; }

    public required LockToken Owner { get; init; }

    public RespScript? Script { get; init; }

    public RequestPriority Priority { get; init; }

    /// <summary>Until when an answer counts, if that is later than the node's time limit.</summary>
    public long PatientUntilTicks { get; init; }
}
