using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Redlock.Fast.Resp.Tests;

public sealed class SocketPipeTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Socket _server;
    private readonly SocketPipe _pipe;

    public SocketPipeTests()
    {
        _listener.Start();
        TcpDialer dialer = new("localhost", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _pipe = (SocketPipe)dialer.DialAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _server = _listener.AcceptSocket();
    }

    private BufferedPipeReader Input => (BufferedPipeReader)_pipe.Input;

    public void Dispose()
    {
        _pipe.Dispose();
        _server.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public void Bytes_not_consumed_come_again_and_only_new_ones_are_waited_for()
    {
        _server.Send("abc"u8);
        ReadResult first = Input.Read();
        Assert.Equal((byte)'a', first.Buffer.FirstSpan[0]);
        Input.AdvanceTo(first.Buffer.Start, first.Buffer.GetPosition(1));
        Assert.True(Input.TryRead(out ReadResult again));
        Assert.Equal(first.Buffer.ToArray(), again.Buffer.ToArray());
        Input.AdvanceTo(again.Buffer.Start, again.Buffer.End);
        Assert.False(Input.TryRead(out _));
        _server.Send("def"u8);
        ReadResult more = Input.Read();
        while (more.Buffer.Length < 6)
        {
            Input.AdvanceTo(more.Buffer.Start, more.Buffer.End);
            more = Input.Read();
        }

        Assert.Equal("abcdef"u8.ToArray(), more.Buffer.ToArray());
    }

    [Fact]
    public void The_buffer_does_not_grow_for_what_fits_once_it_is_moved()
    {
        _server.Send("x"u8);
        ReadResult first = Input.Read();
        int capacity = CapacityUnder(first);
        Input.AdvanceTo(first.Buffer.End);
        for (int round = 0; round < 100; round++)
        {
            // More than half stays behind each time, so the end of the buffer comes near with most of it in use.
            byte[] sent = new byte[capacity / 4];
            _server.Send(sent);
            ReadResult read = Input.Read();
            Assert.Equal(capacity, CapacityUnder(read));
            long kept = Math.Min(read.Buffer.Length, capacity / 2);
            Input.AdvanceTo(read.Buffer.GetPosition(read.Buffer.Length - kept), read.Buffer.End);
        }

        static int CapacityUnder(ReadResult read)
        {
            Assert.True(MemoryMarshal.TryGetArray(read.Buffer.First, out ArraySegment<byte> segment));
            return segment.Array!.Length;
        }
    }

    [Fact]
    public void The_buffer_grows_with_what_arrives_and_moves_what_is_left()
    {
        byte[] sent = new byte[100_000];
        new Random(1).NextBytes(sent);
        Thread sender = new(() =>
        {
            _server.Send(sent);
            _server.Shutdown(SocketShutdown.Send);
        });
        sender.Start();
        List<byte> received = [];
        Random random = new(2);
        ReadResult result;
        do
        {
            result = Input.Read();
            long taken = result.IsCompleted ? result.Buffer.Length : random.NextInt64(result.Buffer.Length + 1);
            received.AddRange(result.Buffer.Slice(0, taken).ToArray());
            Input.AdvanceTo(result.Buffer.GetPosition(taken), result.Buffer.End);
        }
        while (!result.IsCompleted);
        Assert.Equal(sent, received);
        Assert.True(Input.Read().IsCompleted);
        sender.Join();
    }

    [Theory]
    [InlineData(35.79)]
    [InlineData(24 * 60)]
    [InlineData(24 * 24 * 60)]
    public async Task It_waits_for_bytes_for_any_time(double minutes)
    {
        Assert.False(Input.Poll(TimeSpan.FromTicks(-1)));
        Assert.False(Input.Poll(TimeSpan.Zero));
        TaskCompletionSource<bool> ended = new();
        new Thread(() => ended.SetResult(Input.Poll(TimeSpan.FromMinutes(minutes)))) { IsBackground = true }.Start();
        _server.Send("x"u8);
        Assert.True(await ended.Task.SoonAsync());
        Assert.Equal("x"u8.ToArray(), Input.Read().Buffer.ToArray());
    }

    [Fact]
    public async Task It_reads_asynchronously_too()
    {
        ValueTask<ReadResult> reading = Input.ReadAsync(TestContext.Current.CancellationToken);
        _server.Send("x"u8);
        ReadResult result = await reading.AsTask().SoonAsync();
        Assert.Equal("x"u8.ToArray(), result.Buffer.ToArray());
        Input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task What_was_gathered_goes_out_before_what_is_written()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        _pipe.Output.Write("ab"u8);
        await _pipe.Output.WriteAsync("cd"u8.ToArray(), token);
        _pipe.Output.GetMemory(1).Span[0] = (byte)'e';
        _pipe.Output.Advance(1);
        await _pipe.Output.FlushAsync(token);
        await _pipe.Output.WriteAsync("f"u8.ToArray(), token);
        byte[] received = new byte[6];
        for (int count = 0; count < received.Length;)
        {
            count += _server.Receive(received.AsSpan(count));
        }

        Assert.Equal("abcdef"u8.ToArray(), received);
    }

    [Fact]
    public async Task Disposal_from_another_thread_ends_a_blocked_read()
    {
        TaskCompletionSource<Exception?> ended = new();
        Thread reader = new(() => ended.SetResult(Record.Exception(() => Input.Read())));
        reader.Start();
        await Eventually.Holds(() => reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin) || reader.IsAlive, "the reader runs");
        _pipe.Dispose();
        Assert.True(await ended.Task.SoonAsync() is IOException or ObjectDisposedException or null);
    }

    [Fact]
    public async Task A_reset_is_an_IO_exception()
    {
        _server.LingerState = new LingerOption(true, 0);
        _server.Dispose();
        Assert.Throws<IOException>(() => Input.Read());
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await _pipe.Output.WriteAsync(new byte[1024], TestContext.Current.CancellationToken);
            }
        });
    }

    [Fact]
    public async Task Addresses_that_lead_nowhere_are_named()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        IOException unknown = await Assert.ThrowsAsync<IOException>(
            () => new TcpDialer("no-such-host.invalid", 1).DialAsync(token).AsTask());
        Assert.Contains("no-such-host.invalid:1", unknown.Message, StringComparison.Ordinal);
        IOException missing = await Assert.ThrowsAsync<IOException>(() => new UnixDialer("/no/such.sock").DialAsync(token).AsTask());
        Assert.Contains("unix:/no/such.sock", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new TcpDialer("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port).DialAsync(new CancellationToken(true)).AsTask());
    }
}
