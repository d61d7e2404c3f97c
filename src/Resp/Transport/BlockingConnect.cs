using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Connects a socket without ever making it non-blocking.</summary>
internal static class BlockingConnect
{
    /// <summary>Connects <paramref name="socket"/>, which is disposed if that fails.</summary>
    public static void Connect(Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();

            // ConnectAsync would leave the socket non-blocking for life, and each later blocking call would pay for an emulation.
            // Disposing the socket is what unblocks a connect that waits; on a Unix socket it would itself wait for the connect.
            CancellationToken unblock = socket.AddressFamily == AddressFamily.Unix ? CancellationToken.None : cancellationToken;
            using (unblock.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket))
            {
                socket.Connect(endPoint);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (cancellationToken.IsCancellationRequested && failure is SocketException or ObjectDisposedException)
            {
                throw new OperationCanceledException(failure.Message, failure, cancellationToken);
            }

            throw;
        }
    }
}
