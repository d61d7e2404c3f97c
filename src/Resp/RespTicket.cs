using System.Runtime.InteropServices;

namespace Redlock.Fast.Resp;

/// <summary>What became of a frame given to a channel: the connection that took it, or why none did.</summary>
/// <remarks><c>default</c> names no connection.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RespTicket
{
    /// <summary>A frame that the connection with this number took.</summary>
    /// <param name="connection">Above zero; a channel never uses a number twice.</param>
    /// <param name="number">
    /// Tells the frames of this connection apart, if the channel can take one back that waits to be sent; else zero.
    /// </param>
    public RespTicket(long connection, long number = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(connection, 1);
        Connection = connection;
        Number = number;
    }

    /// <summary>A frame that was not taken: nothing of it was or will be sent.</summary>
    /// <param name="failure">Why.</param>
    public RespTicket(RequestFailure failure) => Failure = failure;

    /// <summary>The connection's number, or zero.</summary>
    public long Connection { get; }

    /// <summary>The frame's number on its connection, or zero.</summary>
    public long Number { get; }

    /// <summary>Why the frame was refused, or <see cref="RequestFailure.None"/>.</summary>
    public RequestFailure Failure { get; }

    /// <summary>Whether the frame was taken, so that the node may have executed it.</summary>
    public bool IsTaken => Connection != 0;
}
