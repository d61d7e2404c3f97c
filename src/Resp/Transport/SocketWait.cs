using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Waits of any length for the bytes of a socket.</summary>
internal static class SocketWait
{
    // A poll counts its microseconds in 32 bits: 35 min 47 s.
    private static readonly TimeSpan _longestPoll = TimeSpan.FromMinutes(30);

    /// <returns>Whether there are bytes or the end of the stream; false once the time is up.</returns>
    public static bool AwaitBytes(this Socket socket, TimeSpan time)
    {
        while (time > _longestPoll)
        {
            if (socket.Poll(_longestPoll, SelectMode.SelectRead))
            {
                return true;
            }

            time -= _longestPoll;
        }

        return socket.Poll(time < TimeSpan.Zero ? TimeSpan.Zero : time, SelectMode.SelectRead);
    }
}
