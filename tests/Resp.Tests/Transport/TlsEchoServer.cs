using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp.Tests;

// One TLS connection on the loopback; sends back what comes in.
internal sealed class TlsEchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public TlsEchoServer(X509Certificate2 certificate, bool asksForClientCertificate = false)
    {
        _listener.Start();
        _serving = ServeAsync(certificate, asksForClientCertificate);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    // The subject of the certificate the client showed, after the handshake.
    public string? ClientSubject { get; private set; }

    public string? RequestedName { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync(X509Certificate2 certificate, bool asksForClientCertificate)
    {
        try
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using SslStream stream = new(client.GetStream());
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateRequired = asksForClientCertificate,
                    RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    {
                        ClientSubject = shown?.Subject;
                        return asksForClientCertificate == shown is not null;
                    },
                },
                _stop.Token);
            RequestedName = stream.TargetHostName;
            await stream.CopyToAsync(stream, _stop.Token);
        }
        catch (Exception expected) when (expected is OperationCanceledException or IOException or SocketException
            or System.Security.Authentication.AuthenticationException)
        {
        }
    }
}
