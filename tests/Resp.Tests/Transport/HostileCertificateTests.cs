using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp.Tests;

// A node behind a certificate that does not prove who it is gets no password, and what it puts in the certificate is not repeated.
public sealed class HostileCertificateTests : IDisposable
{
    private const string Secret = "hunter2pass";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public Task Another_host_name_is_refused() => AssertRefusedAsync(_certificates.Server("other.test"), "not for the host name");

    [Fact]
    public Task An_expired_certificate_is_refused() => AssertRefusedAsync(_certificates.ExpiredServer("localhost"), "has expired");

    [Fact]
    public Task A_certificate_that_is_not_valid_yet_is_refused() =>
        AssertRefusedAsync(_certificates.EarlyServer("localhost"), "not valid yet");

    [Fact]
    public async Task An_untrusted_root_is_refused()
    {
        using TestCertificates strangers = new("Strangers");
        await AssertRefusedAsync(strangers.Server("localhost"), "no trusted root");
    }

    [Fact]
    public Task A_certificate_that_names_the_password_is_not_quoted() => AssertRefusedAsync(_certificates.Server(Secret), "but for '***'");

    [Theory]
    [InlineData("\u202Efdp.exe", @"\u202Efdp.exe")]
    [InlineData("a\u2066b\u2069c", @"a\u2066b\u2069c")]
    [InlineData("a\u200Bb\uFEFFc", @"a\u200Bb\uFEFFc")]
    [InlineData("a\u2028b\u2029c", @"a\u2028b\u2029c")]
    [InlineData("a\u001B[2Jb\u0085c", @"a\u001B[2Jb\u0085c")]
    [InlineData("gr\u00FC\u00DFe", "gr\u00FC\u00DFe")]
    public async Task What_a_terminal_obeys_is_not_repeated_from_a_name(string name, string shown)
    {
        using TestCertificates strangers = new(name);
        await AssertRefusedAsync(strangers.Server("localhost"), $"its issuer is 'CN={shown}'");
    }

    [Fact]
    public async Task An_issuer_that_is_the_password_is_not_quoted()
    {
        using TestCertificates strangers = new(Secret);
        await AssertRefusedAsync(strangers.Server("localhost"), "its issuer is 'CN=***'");
    }

    private async Task AssertRefusedAsync(X509Certificate2 shown, string named)
    {
        await using ScriptedServer behind = new(ScriptedTransport.Pipes, peer => peer.DrainAsync());
        using TlsFront front = new(shown, () => behind.Dialer.DialAsync(TestContext.Current.CancellationToken).AsTask().Result);
        TlsDialer dialer = new("localhost", front.Port, new TlsDialerOptions { CertificateAuthorities = [_certificates.Authority] });
        using RespNode node = new(dialer, new RespNodeOptions { User = "worker", Password = Secret });
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        string text = $"{node.LastError} {node} {node.Describe(RequestFailure.NotConnected)} {dialer}";
        Assert.Contains(named, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.OrdinalIgnoreCase);
        RespRequestException refused = await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("PING").SoonAsync());
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.OrdinalIgnoreCase);

        // A server may take the session for begun before its certificate is looked at.
        node.Dispose();
        await Eventually.Holds(() => behind.Open == 0, "the sessions have ended");
        Assert.All(behind.Peers, peer => Assert.Equal(0, peer.BytesRead));
    }
}
