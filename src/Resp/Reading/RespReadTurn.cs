namespace Redlock.Fast.Resp;

/// <summary>The right to read a channel's replies on the calling thread, for a caller that blocks for one of them.</summary>
/// <remarks>Nothing of it fails: a connection that is lost is over, and everybody has been told.</remarks>
internal abstract class RespReadTurn
{
    /// <summary>Tells that a read would not block; <c>null</c> if nothing does without reading, as under TLS.</summary>
    public abstract ReadSignal? Signal { get; }

    /// <summary>Whether there is nothing more to read.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Asks for it; it is to be given back.</summary>
    /// <returns>False while another thread reads: it steps aside for the next one who asks.</returns>
    public abstract bool TryTake();

    /// <summary>The caller has sent what it asks, and reads now.</summary>
    public abstract void Begin();

    /// <summary>Blocks until a read would not, or until the time is up.</summary>
    /// <param name="time">How long at the most.</param>
    /// <returns>Whether a read would not block.</returns>
    public abstract bool Poll(TimeSpan time);

    /// <summary>Reads once, and hands out what has come, everybody's.</summary>
    public abstract void Read();

    /// <summary>Ends the turn.</summary>
    /// <param name="unread">What the caller leaves.</param>
    public abstract void GiveBack(Unread unread);
}
