using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Redlock.Fast.Resp.Tests;

public sealed class TlsPipeTests : IDisposable
{
    private const string Name = "redis.test";

    private readonly TestCertificates _certificates = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Socket? _server;
    private SslStream? _session;
    private HeldBackStream? _beneath;
    private TlsPipe? _pipe;

    private BufferedPipeReader Input => (BufferedPipeReader)_pipe!.Input;

    public void Dispose()
    {
        _pipe?.Dispose();
        _session?.Dispose();
        _server?.Dispose();
        _listener.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_wait_that_ends_within_a_record_leaves_the_next_read_where_it_was(SslProtocols version)
    {
        await ConnectAsync(version);

        // With TLS 1.3 the session's tickets have come by now, which are records without a byte for the reader.
        Assert.False(Input.Poll(TimeSpan.FromMilliseconds(20)));
        byte[] first = RecordOf("+PONG 0"u8.ToArray());
        await AssertReads(first, "+PONG 0"u8.ToArray());
        for (int cut = 1; cut < first.Length; cut++)
        {
            byte[] text = [.. "+PONG "u8, (byte)('0' + (cut % 10))];
            byte[] record = RecordOf(text);
            _server!.Send(record.AsSpan(..cut));
            Assert.False(Input.Poll(TimeSpan.FromMilliseconds(1)));
            Assert.False(Input.TryRead(out _));
            await AssertReads(record[cut..], text);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Records_that_come_together_are_all_read(SslProtocols version)
    {
        await ConnectAsync(version);
        byte[] sent = new byte[300_000];
        new Random(1).NextBytes(sent);
        byte[] records = _beneath!.Hold(() =>
        {
            for (int start = 0; start < sent.Length; start += 7)
            {
                _session!.Write(sent.AsSpan(start, Math.Min(7, sent.Length - start)));
            }
        });
        Task sending = Task.Factory.StartNew(() => _server!.Send(records), TaskCreationOptions.LongRunning);
        List<byte> received = [];
        while (received.Count < sent.Length)
        {
            Assert.True(Input.Poll(Eventually.Patience));
            ReadResult result = Input.Read();
            received.AddRange(result.Buffer.ToArray());
            Input.AdvanceTo(result.Buffer.End);
        }

        await sending;
        Assert.Equal(sent, received);
        Assert.False(Input.Poll(TimeSpan.Zero));
    }

    [Fact]
    public async Task It_waits_for_bytes_for_any_time()
    {
        await ConnectAsync(SslProtocols.Tls13);
        TaskCompletionSource<bool> ended = new();
        new Thread(() => ended.SetResult(Input.Poll(TimeSpan.FromDays(24)))) { IsBackground = true }.Start();
        _session!.Write("x"u8);
        Assert.True(await ended.Task.SoonAsync());
    }

    [Fact]
    public async Task Disposal_from_another_thread_ends_a_blocked_read()
    {
        await ConnectAsync(SslProtocols.Tls13);
        TaskCompletionSource<Exception?> ended = new();
        new Thread(() => ended.SetResult(Record.Exception(() => Input.Read()))) { IsBackground = true }.Start();
        _pipe!.Dispose();
        Assert.True(await ended.Task.SoonAsync() is IOException or ObjectDisposedException);
        Assert.True(await IsOverAsync(_server!));
    }

    [Fact]
    public async Task What_was_gathered_goes_out_before_what_is_written()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await ConnectAsync(SslProtocols.Tls13);
        _pipe!.Output.Write("ab"u8);
        await _pipe.Output.WriteAsync("cd"u8.ToArray(), token);
        _pipe.Output.Write("e"u8);
        await _pipe.Output.FlushAsync(token);
        await _pipe.Output.WriteAsync("f"u8.ToArray(), token);
        byte[] received = new byte[6];
        _session!.ReadExactly(received);
        Assert.Equal("abcdef"u8.ToArray(), received);
    }

    [Fact]
    public async Task No_writer_waits_for_a_node_that_does_not_read()
    {
        const int Bytes = 64 * 1024 * 1024;
        CancellationToken token = TestContext.Current.CancellationToken;
        await ConnectAsync(SslProtocols.Tls13);
        byte[] sent = new byte[Bytes];
        new Random(1).NextBytes(sent);
        Task<FlushResult> flush = _pipe!.Output.WriteAsync(sent, token).AsTask();
        Assert.False(flush.IsCompleted);

        // Meanwhile replies are read.
        _session!.Write("x"u8);
        Assert.True(Input.Poll(Eventually.Patience));
        Assert.Equal("x"u8.ToArray(), Input.Read().Buffer.ToArray());
        byte[] received = new byte[Bytes];
        Task reading = Task.Factory.StartNew(() => _session!.ReadExactly(received), TaskCreationOptions.LongRunning);
        await flush.SoonAsync();
        await reading.SoonAsync();
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    // A reset is an end too: the session's tickets may not have been read.
    private static async Task<bool> IsOverAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken) == 0;
        }
        catch (SocketException reset)
        {
            return reset.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    private byte[] RecordOf(byte[] text) => _beneath!.Hold(() => _session!.Write(text));

    private async Task AssertReads(byte[] rest, byte[] expected)
    {
        _server!.Send(rest);
        TaskCompletionSource<bool> ended = new();
        new Thread(() => ended.SetResult(Input.Poll(Eventually.Patience))) { IsBackground = true }.Start();
        Assert.True(await ended.Task.SoonAsync());
        ReadResult result = Input.Read();
        Assert.Equal(expected, result.Buffer.ToArray());
        Input.AdvanceTo(result.Buffer.End);
    }

    private async Task ConnectAsync(SslProtocols version)
    {
        _listener.Start();
        TlsDialer dialer = new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, new TlsDialerOptions
        {
            TargetHost = Name,
            CertificateAuthorities = [_certificates.Authority],
            EnabledProtocols = version,
        });
        Task<TlsPipe> dial = Task.Factory.StartNew(
            () => (TlsPipe)dialer.DialAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult(), TaskCreationOptions.LongRunning);
        _server = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        _beneath = new HeldBackStream(new NetworkStream(_server));
        _session = new SslStream(_beneath);
        await Task.Factory.StartNew(
            () => _session.AuthenticateAsServer(_certificates.Server(Name)), TaskCreationOptions.LongRunning).SoonAsync();
        _pipe = await dial.SoonAsync();
        Assert.Equal(version, _session.SslProtocol);
    }
}
