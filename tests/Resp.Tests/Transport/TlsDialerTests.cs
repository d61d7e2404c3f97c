using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

public sealed class TlsDialerTests : IDisposable
{
    private const string Name = "redis1.test";

    // Long enough for any machine; a test that needs it has failed.
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_trusted_node_echoes()
    {
        await using TlsEchoServer server = new(_certificates.Server(Name));
        TlsDialer dialer = new("127.0.0.1", server.Port, Trusting(_certificates.Authority));
        IDuplexPipe pipe = await DialAsync(dialer);
        using IDisposable disposable = Assert.IsAssignableFrom<IDisposable>(pipe);
        Assert.IsAssignableFrom<BlockingPipeReader>(pipe.Input);

        await AssertEchoAsync(pipe);
        Assert.Equal(Name, server.RequestedName);
        Assert.Null(server.ClientSubject);
        Assert.Equal($"rediss://127.0.0.1:{server.Port}", dialer.ToString());
    }

    [Fact]
    public async Task A_local_name_is_resolved_and_verified()
    {
        await using TlsEchoServer server = new(_certificates.Server("localhost"));
        TlsDialer dialer = new("localhost", server.Port, Trusting(_certificates.Authority) with { TargetHost = null });
        using TlsPipe pipe = (TlsPipe)await DialAsync(dialer);
        await AssertEchoAsync(pipe);
    }

    [Fact]
    public async Task An_endpoint_takes_its_trust_from_the_options()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using TlsFront front = new(_certificates.Server("localhost"), server.Connect);
        RespNodeOptions options = new() { Tls = Trusting(_certificates.Authority) with { TargetHost = null } };
        await using RespNode node = RespNode.Connect($"rediss://localhost:{front.Port}", options);
        await node.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).SoonAsync();
        Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
    }

    [Fact]
    public async Task Another_host_name_is_refused()
    {
        string message = await RefusalAsync(_certificates.Server("other.test"), Trusting(_certificates.Authority));
        Assert.Contains($"not for the host name '{Name}', but for 'other.test'", message, StringComparison.Ordinal);
        Assert.DoesNotContain("trusted root", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_untrusted_root_is_refused()
    {
        using TestCertificates strangers = new("Strangers");
        string message = await RefusalAsync(strangers.Server(Name), Trusting(_certificates.Authority));
        Assert.Contains("no trusted root", message, StringComparison.Ordinal);
        Assert.Contains("CN=Strangers", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_of_the_same_name_is_refused()
    {
        using TestCertificates impostor = new();
        string message = await RefusalAsync(impostor.Server(Name), Trusting(_certificates.Authority));
        Assert.Contains("not signed by the trusted 'CN=Test authority'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_private_authority_is_not_trusted_unasked()
    {
        string message = await RefusalAsync(_certificates.Server(Name), new TlsDialerOptions { TargetHost = Name });
        Assert.Contains("no trusted root", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        string message = await RefusalAsync(_certificates.ExpiredServer(Name), Trusting(_certificates.Authority));
        Assert.Contains("has expired", message, StringComparison.Ordinal);
        Assert.DoesNotContain("trusted root", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_is_no_server_certificate()
    {
        string message = await RefusalAsync(_certificates.Client(Name), Trusting(_certificates.Authority));
        Assert.Contains("NotValidForUsage", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_certificate_is_shown()
    {
        await using TlsEchoServer server = new(_certificates.Server(Name), asksForClientCertificate: true);
        TlsDialerOptions options = Trusting(_certificates.Authority) with { ClientCertificate = _certificates.Client("worker7") };
        using TlsPipe pipe = (TlsPipe)await DialAsync(new TlsDialer("127.0.0.1", server.Port, options));

        await AssertEchoAsync(pipe);
        Assert.Equal("CN=worker7", server.ClientSubject);
    }

    [Fact]
    public async Task Cancellation_ends_a_silent_handshake()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using CancellationTokenSource cancel = new();
        Task<IDuplexPipe> dial = DialUntilAsync(new TlsDialer("127.0.0.1", Port(silent)), cancel.Token);
        using Socket accepted = await silent.AcceptSocketAsync(TestContext.Current.CancellationToken);
        byte[] hello = new byte[1];
        Assert.Equal(1, await accepted.ReceiveAsync(hello, TestContext.Current.CancellationToken));
        Assert.False(dial.IsCompleted);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dial.SoonAsync());
        Assert.True(await IsClosedByPeerAsync(accepted));
    }

    [Fact]
    public async Task A_plain_text_node_is_named()
    {
        using TcpListener plain = new(IPAddress.Loopback, 0);
        plain.Start();
        Task<IDuplexPipe> dial = DialAsync(new TlsDialer("127.0.0.1", Port(plain)));
        using Socket accepted = await plain.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await accepted.SendAsync("-ERR unknown command\r\n"u8.ToArray(), TestContext.Current.CancellationToken);

        AuthenticationException refusal = await Assert.ThrowsAsync<AuthenticationException>(() => dial.SoonAsync());
        Assert.Contains($"rediss://127.0.0.1:{Port(plain)}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("speaks TLS", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_named()
    {
        using TcpListener broken = new(IPAddress.Loopback, 0);
        broken.Start();
        Task<IDuplexPipe> dial = DialAsync(new TlsDialer("127.0.0.1", Port(broken)));
        (await broken.AcceptSocketAsync(TestContext.Current.CancellationToken)).Dispose();

        IOException failure = await Assert.ThrowsAsync<IOException>(() => dial.SoonAsync());
        Assert.Contains($"rediss://127.0.0.1:{Port(broken)}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_a_socket_exception()
    {
        TcpListener gone = new(IPAddress.Loopback, 0);
        gone.Start();
        int port = Port(gone);
        gone.Dispose();
        await Assert.ThrowsAsync<IOException>(() => DialAsync(new TlsDialer("127.0.0.1", port)));
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TlsDialer(" ", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TlsDialer("host", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TlsDialer("host", 65536));
        Assert.Throws<ArgumentException>(() => new TlsDialer("host", 1, new TlsDialerOptions { TargetHost = "" }));
        Assert.Throws<ArgumentException>(() => new TlsDialer("host", 1, new TlsDialerOptions { CertificateAuthorities = [] }));
        using X509Certificate2 noKey = X509CertificateLoader.LoadCertificate(_certificates.Authority.Export(X509ContentType.Cert));
        Assert.Throws<ArgumentException>(() => new TlsDialer("host", 1, new TlsDialerOptions { ClientCertificate = noKey }));
        Assert.Equal("rediss://[::1]:6380", new TlsDialer("::1", 6380).Address);
    }

    private static TlsDialerOptions Trusting(X509Certificate2 authority) =>
        new() { TargetHost = Name, CertificateAuthorities = [authority] };

    // It blocks, as it may: a node gives it a thread of its own.
    private static Task<IDuplexPipe> DialAsync(TlsDialer dialer) => DialUntilAsync(dialer, TestContext.Current.CancellationToken);

    private static Task<IDuplexPipe> DialUntilAsync(TlsDialer dialer, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => dialer.DialAsync(cancellationToken).AsTask().GetAwaiter().GetResult(),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).SoonAsync();

    private static async Task<string> RefusalAsync(X509Certificate2 shown, TlsDialerOptions options)
    {
        await using TlsEchoServer server = new(shown);
        TlsDialer dialer = new("127.0.0.1", server.Port, options);
        AuthenticationException refusal = await Assert.ThrowsAsync<AuthenticationException>(() => DialAsync(dialer));
        Assert.Contains(dialer.Address, refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }

    private static async Task AssertEchoAsync(IDuplexPipe pipe)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        byte[] sent = new byte[100_000];
        new Random(1).NextBytes(sent);
        ValueTask<FlushResult> writing = pipe.Output.WriteAsync(sent, token);
        ReadResult result = await pipe.Input.ReadAtLeastAsync(sent.Length, token);
        await writing;
        Assert.Equal(sent, System.Buffers.BuffersExtensions.ToArray(result.Buffer));
        pipe.Input.AdvanceTo(result.Buffer.End);
    }

    private static async Task<bool> IsClosedByPeerAsync(Socket socket)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (SocketException)
        {
        }

        return true;
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
