using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>Looks now and then whether whoever keeps a connection gets on with it.</summary>
internal sealed class DialWatch(World world, RespNodeOptions options)
{
    private (RespNodeState State, long Connection) _seen;
    private long _since;

    /// <summary>Looks at it.</summary>
    /// <param name="keeper">Who keeps the connection.</param>
    /// <param name="since">Since when it is where it is, or has been seen to be.</param>
    /// <returns>How long it may be there.</returns>
    public TimeSpan Look(ConnectionKeeper keeper, out long since)
    {
        (RespNodeState State, long Connection) now = (keeper.State, keeper.Connection.Number);
        _since = now == _seen ? _since : world.Now;
        _seen = now;
        since = _since;
        return now.State switch
        {
            RespNodeState.Disconnected => options.MaxReconnectDelay,
            RespNodeState.Connecting when options.Credentials is not null =>
                options.ConnectTimeLimit + SimulatedLogins.LongestCall(world.Plan),
            RespNodeState.Connecting => options.ConnectTimeLimit,
            _ => TimeSpan.MaxValue,
        };
    }
}
