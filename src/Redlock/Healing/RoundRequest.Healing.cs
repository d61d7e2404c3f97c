using Redlock.Fast.Resp;

namespace Redlock.Fast;

// Who hears the replies to an extension before the operation does.
internal readonly ref partial struct RoundRequest
{
    public ReplyHandler HearerOr(QuorumOperation operation) => Healing is { } healing ? healing : operation;

    public long FirstTagOr(long tag) => Healing is { } healing ? healing.FirstTag : tag;
}
