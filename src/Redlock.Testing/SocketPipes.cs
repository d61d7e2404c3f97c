using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Testing;

/// <summary>The pipes of an accepted socket.</summary>
internal sealed class SocketPipes : IDuplexPipe
{
    public SocketPipes(Socket socket)
    {
        NetworkStream stream = new NetworkStream(socket, ownsSocket: false);
        Input = PipeReader.Create(stream);
        Output = PipeWriter.Create(stream);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }
}
