using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp;

/// <summary>Dials a node over TCP and TLS. The node's certificate and host name are always verified.</summary>
public sealed class TlsDialer : Dialer
{
    private readonly string _host;
    private readonly TcpConnect _connect;
    private readonly TlsDialerOptions _options;
    private readonly SslStreamCertificateContext? _clientCertificate;

    /// <summary>Dials <paramref name="host"/>, resolved afresh each time; several addresses are tried as <see cref="TcpDialer"/> does.</summary>
    /// <param name="host">A name or an IP address, without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="options">What is trusted and shown; null: the roots of the system, and no client certificate.</param>
    /// <exception cref="ArgumentException">
    /// The host or target host is empty, the authorities are an empty list, or the client certificate has no private key.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of its range.</exception>
    public TlsDialer(string host, int port, TlsDialerOptions? options = null)
        : this(host, port, options, Dns.GetHostAddresses)
    {
    }

    internal TlsDialer(string host, int port, TlsDialerOptions? options, Func<string, IPAddress[]> resolve)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        _host = host;
        _options = options ?? new TlsDialerOptions();
        if (_options.TargetHost is not null && string.IsNullOrWhiteSpace(_options.TargetHost))
            throw new ArgumentException("The target host is empty: leave it null to verify the host that is dialed.", nameof(options));
        if (_options.CertificateAuthorities is { Count: 0 })
            throw new ArgumentException("The certificate authorities are empty: null trusts the roots of the system.", nameof(options));
        if (_options.ClientCertificate is { } certificate)
        {
            if (!certificate.HasPrivateKey)
                throw new ArgumentException("The client certificate has no private key.", nameof(options));
            _clientCertificate = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }

        string shown = PrintableText.Of(host.Contains(':') ? $"[{host}]" : host);
        Address = string.Create(CultureInfo.InvariantCulture, $"rediss://{shown}:{port}");
        _connect = new TcpConnect(host, port, Address, resolve);
    }

    /// <summary><c>rediss://host:port</c>.</summary>
    public override string Address { get; }

    private string TargetHost => _options.TargetHost ?? _host;

    /// <summary>Connects, and shakes hands; the pipe is a <see cref="StreamDuplexPipe"/>.</summary>
    /// <param name="cancellationToken">Ends the attempt at once; the socket is closed.</param>
    /// <exception cref="IOException">The TCP connection failed, or broke during the handshake.</exception>
    /// <exception cref="AuthenticationException">The handshake failed; if the certificate was refused, the text says why.</exception>
    /// <remarks>A node that refuses the client certificate may say so only at the first read (TLS 1.3).</remarks>
    public override async ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
    {
        Socket socket = _connect.Open(cancellationToken);
        SslStream? stream = null;
        CertificateVerdict verdict = new(TargetHost);
        try
        {
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            await stream.AuthenticateAsClientAsync(CreateAuthentication(verdict), cancellationToken).ConfigureAwait(false);
            return new StreamDuplexPipe(stream);
        }
        catch (Exception failure)
        {
            socket.Dispose();
            stream?.Dispose();
            if (Explain(failure, verdict) is { } explained)
                throw explained;
            throw;
        }
    }

    private Exception? Explain(Exception failure, CertificateVerdict verdict)
    {
        string cause = failure.GetBaseException().Message;
        return failure switch
        {
            AuthenticationException when verdict.Problem is not null =>
                new AuthenticationException($"The certificate of {Address} was refused: {verdict.Problem}.", failure),
            AuthenticationException => new AuthenticationException(
                $"The TLS handshake with {Address} failed: {cause} Check that this port speaks TLS, and which versions and client certificates it takes.",
                failure),
            IOException => new IOException(
                $"The connection broke during the TLS handshake with {Address}: {cause} Check that this port speaks TLS.",
                failure),
            _ => null,
        };
    }

    private SslClientAuthenticationOptions CreateAuthentication(CertificateVerdict verdict) => new()
    {
        TargetHost = TargetHost,
        EnabledSslProtocols = _options.EnabledProtocols,
        CertificateRevocationCheckMode = _options.RevocationMode,
        CertificateChainPolicy = CreateChainPolicy(),
        ClientCertificateContext = _clientCertificate,
        RemoteCertificateValidationCallback = verdict.Validate,
    };

    // A new one each dial: the handshake adds to it.
    private X509ChainPolicy? CreateChainPolicy()
    {
        if (_options.CertificateAuthorities is not { } authorities)
            return null;
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = _options.RevocationMode,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
