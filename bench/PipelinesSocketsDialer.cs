using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>Dials a node through Pipelines.Sockets.Unofficial, to compare with the built-in socket pipes.</summary>
internal sealed class PipelinesSocketsDialer(string host, int port) : Dialer
{
    public override string Address => $"{host}:{port}";

    public override async ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await SocketConnection.ConnectAsync(new DnsEndPoint(host, port)).ConfigureAwait(false);
        }
        catch (SocketException refusal)
        {
            throw new IOException($"{Address}: connect failed: {refusal.Message}", refusal);
        }
    }
}
