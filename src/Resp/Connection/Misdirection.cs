namespace Redlock.Fast.Resp;

/// <summary>
/// Decides when a node's error means that its address is to be dialed again: the server that answers is not, or no longer, the one to ask.
/// </summary>
/// <remarks>
/// One a node. An address can lead to another server by now, and only a new dial finds it; where it still leads to this one, dialing it at
/// each such error would be a storm.
/// </remarks>
/// <param name="time">The node's clock.</param>
/// <param name="pause">The least time between two dials for this reason.</param>
internal sealed class Misdirection(TimeProvider time, TimeSpan pause)
{
    private readonly long _pauseTicks = ClockTicks.Of(time, pause);
    private long _nextTicks = long.MinValue;

    /// <summary>Whether an error reply says so.</summary>
    /// <remarks>
    /// READONLY and MASTERDOWN come from replicas alone, MOVED from whoever does not serve the key. LOADING, BUSY, CLUSTERDOWN, NOREPLICAS
    /// and ASK come from the right server in a bad moment, NOPERM from the right one that is set up wrongly, unless it is a
    /// <see cref="CommandRefusal"/>. NOAUTH comes from one that has forgotten the login of the connection: that has ended, or what stands
    /// between leads to a server that restarted.
    /// </remarks>
    public static bool IsToldBy(in RespReply error)
    {
        ReadOnlySpan<byte> text = error.Bytes;
        return text.StartsWith("READONLY "u8)
            || text.StartsWith("MASTERDOWN "u8)
            || text.StartsWith("MOVED "u8)
            || text.StartsWith("NOAUTH "u8)

            // So Redis 6 and older tell it of a script.
            || (text.StartsWith("ERR Error running script"u8) && text.IndexOf(" -READONLY "u8) >= 0);
    }

    /// <summary>What such an error says of the server.</summary>
    public static string MeaningOf(in RespReply error) => error.Bytes.StartsWith("NOAUTH "u8)
        ? "it does not know the login of the connection any more"
        : IsToldBy(error) ? "it is not the server to ask, or no longer"
        : "it does not run scripts, or what stands in for them, for this client any more";

    /// <summary>Whether the connection may be given up for it now.</summary>
    public bool TryLeave()
    {
        long now = time.GetTimestamp();
        long next = Interlocked.Read(ref _nextTicks);
        return now >= next && Interlocked.CompareExchange(ref _nextTicks, now + _pauseTicks, next) == next;
    }
}
