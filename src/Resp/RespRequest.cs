namespace Redlock.Fast.Resp;

/// <summary>Which room of a node's queue a request may use.</summary>
public enum RequestPriority : byte
{
    /// <summary>Refused when the queue's ordinary room is used up or the node has gone silent.</summary>
    Ordinary = 0,

    /// <summary>
    /// May also use the room that is kept free of ordinary requests, waits for no window, and is sent even if its time limit has passed.
    /// For what undoes or keeps up something that an ordinary request did.
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

    /// <summary>
    /// When the handler is told <see cref="RequestFailure.TimedOut"/> or, if an ordinary request was not sent by then,
    /// <see cref="RequestFailure.TimedOutUnsent"/>: a timestamp of the channel's <see cref="RespChannel.TimeProvider"/>.
    /// </summary>
    public required long DeadlineTicks { get; init; }

    /// <summary>
    /// The script that the frame runs by EVALSHA as its first argument; if the node has forgotten it, the request is repeated with the
    /// text.
    /// </summary>
    public RespScript? Script { get; init; }

    /// <summary>Which room of the queue it may use.</summary>
    public RequestPriority Priority { get; init; }

    /// <summary>If set, the request goes only behind the one that this ticket was given for, on the very same connection.</summary>
    public RespTicket Behind { get; init; }

    /// <summary>
    /// If set, the request undoes the one that this ticket was given for: it goes only behind that one, on the very same connection. If
    /// that one was not handed to the transport yet, neither is sent: both are <see cref="RequestFailure.Withdrawn"/>, and the handler of
    /// that one is told before the call returns.
    /// </summary>
    public RespTicket Undoes { get; init; }

    /// <summary>
    /// Stands for the key that the frame is about. A reserved request is sent before ordinary ones that wait to be sent, but never before
    /// one with the same number; with zero, the default, it passes none.
    /// </summary>
    public int KeyHash { get; init; }

    /// <summary>
    /// How long the node may answer nothing while this request waits, before its connection is given up: ticks of the channel's clock,
    /// within
    /// <see cref="RespNodeOptions.SilenceLimit"/>. Zero, the default, asks for nothing of its own.
    /// </summary>
    public long SilenceTicks { get; init; }
}
