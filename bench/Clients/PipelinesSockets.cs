using System.Net;
using Pipelines.Sockets.Unofficial;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>The sockets of Pipelines.Sockets.Unofficial as a way to a node.</summary>
internal static class PipelinesSockets
{
    /// <summary>A dialer over them.</summary>
    /// <param name="endpoint">An address and a port.</param>
    public static Dialer To(string endpoint)
    {
        IPEndPoint address = IPEndPoint.Parse(endpoint);
        return Dialer.From(endpoint, async _ => await SocketConnection.ConnectAsync(address));
    }
}
