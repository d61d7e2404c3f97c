namespace Redlock.Fast.Resp;

/// <summary>What the node knows of a channel on this connection.</summary>
internal enum ChannelStage : byte
{
    /// <summary>Nothing.</summary>
    Absent = 0,

    /// <summary>SUBSCRIBE is on its way.</summary>
    Subscribing,

    /// <summary>It has confirmed SUBSCRIBE, and the handler knows.</summary>
    Confirmed,

    /// <summary>It has confirmed SUBSCRIBE to somebody who has left: whoever comes now is told a confirmation of his own.</summary>
    Left,

    /// <summary>UNSUBSCRIBE is on its way.</summary>
    Unsubscribing,
}
