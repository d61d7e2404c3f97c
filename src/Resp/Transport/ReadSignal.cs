using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Tells that a read would not block.</summary>
internal sealed class ReadSignal(Socket socket)
{
    public Socket Socket => socket;
}
