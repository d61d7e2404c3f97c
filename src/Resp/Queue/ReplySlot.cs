namespace Redlock.Fast.Resp;

/// <summary>The place of one request in the line for replies; it stays there until its reply has been read, wanted or not.</summary>
internal struct ReplySlot
{
    /// <summary>The end of a frame that was not handed to the transport.</summary>
    public const long Unsent = -1;

    /// <summary><c>null</c> once nobody waits any more: the reply is then thrown away.</summary>
    public ReplyHandler? Handler;

    /// <summary>Who is asked, even if nobody waits any more, whether it is still to be executed; <c>null</c>: it is.</summary>
    public ReplyHandler? Asker;

    public long Tag;

    /// <summary><see cref="long.MaxValue"/> once the deadline has been acted upon.</summary>
    public long DeadlineTicks;

    /// <summary>Where the frame ends in the stream, or <see cref="Unsent"/>; it begins where the one before it ends.</summary>
    public long FrameEnd;

    /// <summary>When the request was taken; zero for a part of the handshake.</summary>
    public long TakenTicks;

    /// <summary>When it was handed over to be sent; zero for a part of the handshake.</summary>
    public long SentTicks;

    /// <summary>How long the node may answer nothing while this waits; zero leaves it to the node's own limit.</summary>
    public long SilenceTicks;

    /// <summary>Set while a NOSCRIPT reply can still be answered by repeating the request with the script's text.</summary>
    public RespScript? Script;

    /// <summary>What was sent in the place of a script: the reply is shown in the words of that.</summary>
    public RespScriptSubstitute? Substitute;

    /// <summary>Whether whoever waited has been told that there is no reply; it may come all the same.</summary>
    public readonly bool IsTold => Handler is null && DeadlineTicks == long.MaxValue;

    /// <summary>What was sent, for figures; <c>null</c> if that is not known.</summary>
    public readonly string? Command =>
        Script is not null ? "EVALSHA" : Substitute?.Name ?? (Asker is not null ? "EVAL" : Handler?.Command);

    /// <summary>Gives the reply to whoever still waits. A handler that throws is counted, and stands between nobody and a reply.</summary>
    /// <param name="node">The node's name, for the count.</param>
    /// <param name="reply">The reply.</param>
    public readonly void Answer(string node, in RespReply reply)
    {
        try
        {
            RespScriptSubstitute.Tell(Handler, Tag, reply, Substitute);
        }
        catch (Exception thrown)
        {
            RespMetrics.CountFailedHandler(node, thrown);
        }
    }

    /// <summary>Tells whoever still waits that no reply will come. A handler that throws is counted, and the others are told.</summary>
    /// <param name="node">The node, for the figures.</param>
    /// <param name="failure">Why not.</param>
    public readonly void Fail(NodeContext node, RequestFailure failure)
    {
        if (Handler is not null)
        {
            RespMetrics.RecordFailure(node, this, failure);
            try
            {
                Handler.OnFailure(Tag, failure);
            }
            catch (Exception thrown)
            {
                RespMetrics.CountFailedHandler(node.Name, thrown);
            }
        }
    }
}
