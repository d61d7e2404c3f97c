using System.Net.Sockets;
using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>Sends one command to a server over its Unix socket, as the configured user, and reads one line of reply.</summary>
internal static class TempRedisProbe
{
    // A reply to PING or SAVE, or an error, is far shorter.
    private const int ReplyLimit = 1024;

    /// <summary>The reply's line without its end, <c>null</c> when the server is not there (yet).</summary>
    public static async Task<string?> AskAsync(
        string socketPath, TempRedisOptions options, string command, CancellationToken cancellationToken)
    {
        using Socket socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken).ConfigureAwait(false);
            if (options.Password is { } password)
            {
                byte[] login = options.User is { } user ? Encode("AUTH", user, password) : Encode("AUTH", password);
                string? reply = await ExchangeAsync(socket, login, cancellationToken).ConfigureAwait(false);
                if (reply is null || !reply.StartsWith('+'))
                {
                    return reply;
                }
            }

            return await ExchangeAsync(socket, Encode(command), cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async Task<string?> ExchangeAsync(Socket socket, byte[] command, CancellationToken cancellationToken)
    {
        await socket.SendAsync(command, cancellationToken).ConfigureAwait(false);
        byte[] reply = new byte[ReplyLimit];
        int length = 0;
        while (length < reply.Length)
        {
            int received = await socket.ReceiveAsync(reply.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (received == 0)
            {
                return null;
            }

            length += received;
            int end = reply.AsSpan(0, length).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                return Encoding.UTF8.GetString(reply, 0, end);
            }
        }

        return null;
    }

    private static byte[] Encode(params ReadOnlySpan<string> arguments)
    {
        StringBuilder text = new StringBuilder().Append('*').Append(arguments.Length).Append("\r\n");
        foreach (string argument in arguments)
        {
            text.Append('$').Append(Encoding.UTF8.GetByteCount(argument)).Append("\r\n").Append(argument).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
