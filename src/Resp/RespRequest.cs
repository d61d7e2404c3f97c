namespace Redlock.Fast.Resp;

/// <summary>Which room of a node's queue a request may use.</summary>
public enum RequestPriority : byte
{
    /// <summary>Refused when the queue's ordinary room is used up or the node has gone silent.</summary>
    Ordinary = 0,

    /// <summary>
    /// May also use the room that is kept free of ordinary requests. For what undoes or keeps up something that an ordinary request did.
    /// </summary>
    Reserved,
}

/// <summary>Everything about a request but its bytes.</summary>
public readonly struct RespRequest
{
    /// <summary>Told the outcome, exactly once unless it is <c>null</c>: then the reply is read and thrown away.</summary>
    public ReplyHandler? Handler { get; init; }

    /// <summary>Handed back to the handler, which tells its requests apart by it.</summary>
    public long Tag { get; init; }

    /// <summary>When the handler is told <see cref="RequestFailure.TimedOut"/>: a timestamp of the channel's <see cref="RespChannel.Time"/>.</summary>
    public required long DeadlineTicks { get; init; }

    /// <summary>The script that the frame runs by EVALSHA as its first argument; if the node has forgotten it, the request is repeated with the text.</summary>
    public RespScript? Script { get; init; }

    /// <summary>Which room of the queue it may use.</summary>
    public RequestPriority Priority { get; init; }

    /// <summary>If set, the request goes only behind the one that this ticket was given for, on the very same connection.</summary>
    public RespTicket Behind { get; init; }
}
