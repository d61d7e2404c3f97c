using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp;

/// <summary>Opens TCP connections to one host and shakes hands over them, on the calling thread.</summary>
internal sealed class TlsConnect
{
    private readonly TcpConnect _tcp;
    private readonly string _address;
    private readonly string _targetHost;
    private readonly TlsDialerOptions _options;
    private readonly SslStreamCertificateContext? _clientCertificate;

    // The newest handshake that has not succeeded: whoever ends it asks how far it came.
    private SocketStream? _handshake;

    /// <param name="host">Whom the certificate must name, unless the options say another.</param>
    /// <param name="tcp">Opens what is beneath.</param>
    /// <param name="address">What errors call it.</param>
    /// <param name="options">What is trusted and shown.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public TlsConnect(string host, TcpConnect tcp, string address, TlsDialerOptions options)
    {
        if (options.TargetHost is not null && string.IsNullOrWhiteSpace(options.TargetHost))
        {
            throw new ArgumentException("The target host is empty: leave it null to verify the host that is dialed.", nameof(options));
        }

        if (options.CertificateAuthorities is { Count: 0 })
        {
            throw new ArgumentException("The certificate authorities are empty: null trusts the roots of the system.", nameof(options));
        }

        if (options.ClientCertificate is { } certificate)
        {
            if (!certificate.HasPrivateKey)
            {
                throw new ArgumentException("The client certificate has no private key.", nameof(options));
            }

            _clientCertificate = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }

        _tcp = tcp;
        _address = address;
        _targetHost = options.TargetHost ?? host;
        _options = options;
    }

    /// <inheritdoc cref="Dialer.WhatIsMissing"/>
    public string WhatIsMissing => Volatile.Read(ref _handshake) switch
    {
        null => string.Empty,
        { HasReceived: false } =>
            " The TCP connection stands, but nothing has come back to the TLS handshake: a plain Redis port waits in silence like this."
            + " Check that this port speaks TLS (tls-port), or use redis://.",
        _ => " The TLS handshake was begun and not finished.",
    };

    /// <summary>Blocks until the handshake is done.</summary>
    /// <exception cref="IOException">The TCP connection failed, or broke during the handshake.</exception>
    /// <exception cref="AuthenticationException">The handshake failed; if the certificate was refused, the text says why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public TlsPipe Open(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _handshake, null);
        SocketStream beneath = new(_tcp.Open(cancellationToken));
        SslStream session = new(beneath, leaveInnerStreamOpen: false);
        CertificateVerdict verdict = new(_targetHost);
        Volatile.Write(ref _handshake, beneath);
        try
        {
            // A handshake that waits is ended by closing its socket.
            using (cancellationToken.UnsafeRegister(static state => ((SocketStream)state!).Dispose(), beneath))
            {
                session.AuthenticateAsClient(CreateAuthentication(verdict));
            }

            cancellationToken.ThrowIfCancellationRequested();
            Volatile.Write(ref _handshake, null);
            return new TlsPipe(session, beneath, new TlsFailure(_clientCertificate is not null));
        }
        catch (Exception failure)
        {
            beneath.Dispose();
            session.Dispose();
            if (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException($"{_address}: the dial was cancelled.{WhatIsMissing}", failure, cancellationToken);
            }

            if (Explain(failure, verdict) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    private Exception? Explain(Exception failure, CertificateVerdict verdict)
    {
        string cause = failure.GetBaseException().Message;
        return failure switch
        {
            AuthenticationException when verdict.Problem is not null =>
                new AuthenticationException($"The certificate of {_address} was refused: {verdict.Problem}.", failure),
            AuthenticationException => new AuthenticationException(
                $"The TLS handshake with {_address} failed: {cause} Check that this port speaks TLS, and which versions and client "
                    + "certificates it takes.",
                failure),
            IOException => new IOException(
                $"The connection broke during the TLS handshake with {_address}: {cause} Check that this port speaks TLS.",
                failure),
            _ => null,
        };
    }

    private SslClientAuthenticationOptions CreateAuthentication(CertificateVerdict verdict) => new()
    {
        TargetHost = _targetHost,
        EnabledSslProtocols = _options.EnabledProtocols,
        CertificateRevocationCheckMode = _options.RevocationMode,
        CertificateChainPolicy = CreateChainPolicy(),
        ClientCertificateContext = _clientCertificate,
        RemoteCertificateValidationCallback = verdict.Validate,

        // Redis never asks for it; within a read it would write, beside the one who writes.
        AllowRenegotiation = false,
    };

    // A new one each dial: the handshake adds to it.
    private X509ChainPolicy? CreateChainPolicy()
    {
        if (_options.CertificateAuthorities is not { } authorities)
        {
            return null;
        }

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
