using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp.Tests;

public sealed class StreamDuplexPipeTests
{
    [Fact]
    public async Task Carries_bytes_both_ways()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        (Socket near, Socket far) = await ConnectAsync();
        using Socket peer = far;
        await using StreamDuplexPipe pipe = new(new NetworkStream(near, ownsSocket: true));

        await pipe.Output.WriteAsync("PING\r\n"u8.ToArray(), token);
        byte[] received = new byte[6];
        await new NetworkStream(peer).ReadExactlyAsync(received, token);
        Assert.Equal("PING\r\n"u8.ToArray(), received);

        await peer.SendAsync("+PONG\r\n"u8.ToArray(), token);
        ReadResult result = await pipe.Input.ReadAtLeastAsync(7, token);
        Assert.Equal(7, result.Buffer.Length);
        pipe.Input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task Disposing_ends_a_pending_read_and_closes_the_socket()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        (Socket near, Socket far) = await ConnectAsync();
        using Socket peer = far;
        StreamDuplexPipe pipe = new(new NetworkStream(near, ownsSocket: true));
        Task<ReadResult> read = pipe.Input.ReadAsync(token).AsTask();
        Assert.False(read.IsCompleted);

        await pipe.DisposeAsync();
        await pipe.DisposeAsync();
        Assert.True(await EndsAsync(read));
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], token));
    }

    [Fact]
    public async Task Completing_both_ends_closes_the_socket()
    {
        (Socket near, Socket far) = await ConnectAsync();
        using Socket peer = far;
        StreamDuplexPipe pipe = new(new NetworkStream(near, ownsSocket: true));
        await pipe.Output.CompleteAsync();
        await pipe.Input.CompleteAsync();
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_one_way_stream_is_refused()
    {
        using MemoryStream readOnly = new([], writable: false);
        Assert.Throws<ArgumentException>(() => new StreamDuplexPipe(readOnly));
        Assert.Throws<ArgumentNullException>(() => new StreamDuplexPipe(null!));
    }

    // A socket shut down under a read ends it either way.
    private static async Task<bool> EndsAsync(Task<ReadResult> read)
    {
        try
        {
            return (await read.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).IsCompleted;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            return true;
        }
    }

    private static async Task<(Socket Near, Socket Far)> ConnectAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket near = new(SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndpoint, TestContext.Current.CancellationToken);
        return (near, await listener.AcceptSocketAsync(TestContext.Current.CancellationToken));
    }
}
