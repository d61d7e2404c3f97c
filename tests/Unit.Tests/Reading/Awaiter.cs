using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Awaits replies until it is told otherwise.</summary>
internal sealed class Awaiter : IReplyAwaiter
{
    public bool AwaitsReplies { get; set; } = true;
}
