using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp.Tests;

public sealed class SocketSenderTests : IDisposable
{
    private const int RoomBytes = 64 * 1024;
    private const int MoreThanFits = 16 * RoomBytes;

    private readonly Socket _near;
    private readonly Socket _far;

    public SocketSenderTests()
    {
        // Little room at either end: a write of some hundred kilobytes has a rest, and no test has to move megabytes.
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = RoomBytes };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = RoomBytes };
        _near.Connect(listener.LocalEndPoint!);
        _far = listener.Accept();
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_at_once_follows_in_order_without_a_caller_that_waits()
    {
        SocketSender sender = new(_near);
        Random random = new(1);
        List<byte> written = [];
        bool hasPended = false;
        for (int write = 0; write < 20; write++)
        {
            byte[] bytes = new byte[1 + random.Next(MoreThanFits)];
            random.NextBytes(bytes);
            sender.Write(bytes);
            written.AddRange(bytes);
            if (write % 3 == 0)
            {
                sender.Write("and more"u8);
                written.AddRange("and more"u8.ToArray());
            }

            ValueTask<System.IO.Pipelines.FlushResult> flush = sender.FlushAsync();
            hasPended |= !flush.IsCompleted;
            Task<byte[]> reading = Task.Run(
                () => Receive(written.Count - Math.Max(0, written.Count - bytes.Length - (write % 3 == 0 ? 8 : 0))),
                TestContext.Current.CancellationToken);
            await flush.AsTask().SoonAsync();
            byte[] read = await reading.SoonAsync();
            Assert.Equal(written[^read.Length..], read);
        }

        Assert.True(hasPended);
        Assert.True(_near.Blocking);
    }

    [Fact]
    public async Task Disposing_the_socket_ends_a_flush_that_waits()
    {
        SocketSender sender = new(_near);
        sender.Write(new byte[MoreThanFits]);
        Task flush = sender.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);
        _near.Dispose();
        await Assert.ThrowsAsync<IOException>(() => flush.SoonAsync());
        Assert.ThrowsAny<Exception>(() => sender.Write("x"u8));
    }

    [Fact]
    public void A_failure_is_told_as_one_of_the_transport()
    {
        SocketSender sender = new(_near);
        _far.LingerState = new LingerOption(enable: true, seconds: 0);
        _far.Dispose();
        Assert.True(SpinWait.SpinUntil(() => Record.Exception(() => sender.Write("x"u8)) is IOException, Eventually.Patience));
    }

    [Fact]
    public async Task The_thread_goes_when_nothing_is_left_for_it()
    {
        SocketSender sender = new(_near);
        for (int round = 0; round < 2; round++)
        {
            sender.Write(new byte[MoreThanFits]);
            ValueTask<System.IO.Pipelines.FlushResult> flush = sender.FlushAsync();
            Task<byte[]> reading = Task.Run(() => Receive(MoreThanFits), TestContext.Current.CancellationToken);
            await flush.AsTask().SoonAsync();
            await reading.SoonAsync();
            await Eventually.Holds(() => !sender.HasThread, "the thread is gone");
        }
    }

    private byte[] Receive(int count)
    {
        byte[] bytes = new byte[count];
        int read = 0;
        while (read < count)
        {
            read += _far.Receive(bytes.AsSpan(read));
        }

        return bytes;
    }
}
