namespace Redlock.Fast.Resp;

/// <summary>What a caller blocks for.</summary>
internal interface IReplyAwaiter
{
    /// <summary>Whether it may be decided by replies that have not come.</summary>
    bool AwaitsReplies { get; }
}
