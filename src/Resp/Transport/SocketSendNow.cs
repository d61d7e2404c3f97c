using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Redlock.Fast.Resp;

/// <summary>A send that never blocks, on a socket that stays a blocking one.</summary>
/// <remarks>
/// In .NET a socket that was made non-blocking once pays for an emulation in each blocking call; on Unix the kernel takes the wish with the
/// call itself. Windows takes the whole of any send while the socket is writable, so there it is enough to ask.
/// </remarks>
internal static unsafe partial class SocketSendNow
{
    private const int DontWaitOfLinux = 0x40;

    // A peer that is gone is an error of the call, whatever the process that embeds this library does about SIGPIPE.
    private const int NoSignalOfLinux = 0x4000;
    private const int DontWaitOfBsd = 0x80;
    private const int TryAgainOfLinux = 11;
    private const int TryAgainOfBsd = 35;
    private const int Interrupted = 4;

    private static readonly bool _isLinux = OperatingSystem.IsLinux();
    private static readonly int _flags = _isLinux ? DontWaitOfLinux | NoSignalOfLinux : DontWaitOfBsd;
    private static readonly int _tryAgain = _isLinux ? TryAgainOfLinux : TryAgainOfBsd;

    /// <returns>How many of the bytes the kernel has taken.</returns>
    /// <exception cref="IOException">The transport failed.</exception>
    /// <exception cref="ObjectDisposedException">The socket was disposed.</exception>
    public static int SendNow(this Socket socket, ReadOnlySpan<byte> bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            return SendIfWritable(socket, bytes);
        }

        nint sent;
        int error;
        do
        {
            fixed (byte* start = bytes)
            {
                sent = Send(socket.SafeHandle, start, (nuint)bytes.Length, _flags);
            }

            error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == Interrupted);

        return sent >= 0 ? (int)sent
            : error == _tryAgain ? 0
            : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    private static int SendIfWritable(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite) ? socket.Send(bytes) : 0;
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, byte* bytes, nuint length, int flags);
}
