namespace Redlock.Fast.Resp;

/// <summary>Where a node's connection stands.</summary>
public enum RespNodeState : byte
{
    /// <summary>There is no connection; the next dial waits for its turn.</summary>
    Disconnected = 0,

    /// <summary>A dial or a handshake is under way.</summary>
    Connecting,

    /// <summary>The handshake is done: requests are sent at once.</summary>
    Connected,

    /// <summary>Disposed: it never connects again.</summary>
    Disposed,
}
