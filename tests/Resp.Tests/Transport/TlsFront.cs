using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp.Tests;

// Speaks TLS to whoever connects and passes the plain bytes on to a node behind it.
internal sealed class TlsFront : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Func<IDuplexPipe> _connectBehind;

    public TlsFront(X509Certificate2 certificate, Func<IDuplexPipe> connectBehind)
    {
        _certificate = certificate;
        _connectBehind = connectBehind;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using SslStream stream = new(client.GetStream());
                await stream.AuthenticateAsServerAsync(_certificate);
                IDuplexPipe behind = _connectBehind();
                Task requests = PassOnRequests(stream, behind);
                await behind.Input.CopyToAsync(stream);
                client.Close();
                await requests;
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException or AuthenticationException
            or InvalidOperationException)
        {
        }
    }

    private static async Task PassOnRequests(SslStream stream, IDuplexPipe behind)
    {
        try
        {
            await stream.CopyToAsync(behind.Output);
        }
        finally
        {
            await behind.Output.CompleteAsync();
        }
    }
}
