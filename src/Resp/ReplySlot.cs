namespace Redlock.Fast.Resp;

/// <summary>The place of one request in the line for replies; it stays there until its reply has been read, wanted or not.</summary>
internal struct ReplySlot
{
    /// <summary><c>null</c> once nobody waits any more: the reply is then thrown away.</summary>
    public ReplyHandler? Handler;

    public long Tag;

    /// <summary><see cref="long.MaxValue"/> once the deadline has been acted upon.</summary>
    public long DeadlineTicks;

    /// <summary>Where the frame ends in the stream; it begins where the one before it ends.</summary>
    public long FrameEnd;

    /// <summary>When the request was taken, or zero if nobody measures round trips.</summary>
    public long TakenTicks;

    /// <summary>Set while a NOSCRIPT reply can still be answered by repeating the request with the script's text.</summary>
    public RespScript? Script;

    /// <summary>Tells whoever still waits that no reply will come.</summary>
    /// <param name="node">The node's name, for the count of failures.</param>
    /// <param name="failure">Why not.</param>
    public readonly void Fail(string node, RequestFailure failure)
    {
        if (Handler is not null)
        {
            RespMetrics.CountFailure(node, failure);
            Handler.OnFailure(Tag, failure);
        }
    }
}
