namespace Redlock.Fast.Resp;

/// <summary>Asks on a connection what its handshake, which has begun already, would have asked.</summary>
/// <remarks>It is taken in the middle of a dial too, when others are refused because the dial before it has failed.</remarks>
internal abstract class HandshakeSupplement : ReplyHandler;
