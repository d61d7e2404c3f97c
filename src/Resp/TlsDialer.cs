using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;

namespace Redlock.Fast.Resp;

/// <summary>
/// Give it to a <see cref="RespNode"/>: dials a node over TCP and TLS. The node's certificate and host name are always verified.
/// </summary>
/// <example>
/// <code>
/// using RespNode overTls = new(new TlsDialer("redis-1", 6380, new TlsDialerOptions { CertificateAuthorities = authorities }));
/// </code>
/// </example>
public sealed class TlsDialer : Dialer
{
    private readonly TlsConnect _connect;

    /// <summary>
    /// Dials <paramref name="host"/>, resolved afresh each time; several addresses are tried as <see cref="TcpDialer"/> does.
    /// </summary>
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
        string shown = PrintableText.Of(host.Contains(':') ? $"[{host}]" : host);
        Address = string.Create(CultureInfo.InvariantCulture, $"rediss://{shown}:{port}");
        _connect = new TlsConnect(host, new TcpConnect(host, port, Address, resolve), Address, options ?? new TlsDialerOptions());
    }

    /// <summary><c>rediss://host:port</c>.</summary>
    public override string Address { get; }

    internal override string WhatIsMissing => _connect.WhatIsMissing;

    /// <summary>Connects, and shakes hands, on the calling thread; the pipe's input is a <see cref="BlockingPipeReader"/>.</summary>
    /// <param name="cancellationToken">Ends the attempt at once; the socket is closed.</param>
    /// <exception cref="IOException">The TCP connection failed, or broke during the handshake.</exception>
    /// <exception cref="AuthenticationException">The handshake failed; if the certificate was refused, the text says why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    /// <remarks>A node that refuses the client certificate may say so only at the first read (TLS 1.3).</remarks>
    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken) => new(_connect.Open(cancellationToken));
}
