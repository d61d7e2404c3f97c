namespace Redlock.Fast.Resp;

/// <summary>What the end of a connection means for the next dial.</summary>
internal enum ConnectionEndCause : byte
{
    /// <summary>Nothing.</summary>
    Other = 0,

    /// <summary>The node, or something between, closed it: in the handshake that may be its answer to a command it does not know.</summary>
    ClosedByNode,

    /// <summary>The address may lead to another server by now, so nothing is gained by waiting.</summary>
    Misdirection,
}
