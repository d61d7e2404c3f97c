using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>A duplex pipe made directly over a blocking stream socket, with no pump between.</summary>
internal sealed class SocketPipe(Socket socket) : IDuplexPipe, IDisposable
{
    public PipeReader Input { get; } = new SocketPipeReader(socket);

    public PipeWriter Output { get; } = new SocketPipeWriter(socket);

    public void Dispose() => socket.Dispose();
}
