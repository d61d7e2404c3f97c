using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp;

/// <summary>What a TLS connection trusts and shows. The host name is always verified; nothing here turns that off.</summary>
/// <example>
/// <code>
/// TlsDialerOptions trust = new() { CertificateAuthorities = authorities };
/// using RespNode trusting = RespNode.Connect("rediss://redis-1:6380", new RespNodeOptions { Tls = trust });
/// </code>
/// </example>
public sealed record TlsDialerOptions
{
    /// <summary>The name to ask for (SNI) and to find in the node's certificate; null: the host that is dialed.</summary>
    public string? TargetHost { get; init; }

    /// <summary>The only roots to trust, and intermediates the node does not send; null: the roots of the system.</summary>
    /// <remarks>
    /// With roots of its own, a dial downloads no missing intermediate. An empty collection is refused: a file that held no
    /// certificate must not widen the trust.
    /// </remarks>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>
    /// The certificate to show to the node, with its private key; null: none. The caller's to dispose, after the last dial.
    /// </summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The protocol versions to offer; <see cref="SslProtocols.None"/>, the default, leaves the choice to the system.</summary>
    public SslProtocols EnabledProtocols { get; init; } = SslProtocols.None;

    /// <summary>Whether the chain is checked for revocation; default <see cref="X509RevocationMode.NoCheck"/>.</summary>
    /// <remarks>
    /// Checking asks a third server during the dial, so a lock would depend on that server too; private authorities seldom run one.
    /// With <see cref="X509RevocationMode.Online"/> a certificate whose state cannot be learnt is refused.
    /// </remarks>
    public X509RevocationMode RevocationMode { get; init; } = X509RevocationMode.NoCheck;
}
