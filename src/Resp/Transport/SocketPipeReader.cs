using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Receives straight from a blocking socket.</summary>
internal sealed class SocketPipeReader(Socket socket) : BufferedPipeReader
{
    public override ReadSignal Signal { get; } = new(socket);

    public override bool Poll(TimeSpan time) => !Buffer.IsExhausted || socket.AwaitBytes(time);

    public override void Complete(Exception? exception = null) => socket.Dispose();

    protected override void Receive()
    {
        try
        {
            Buffer.Received(socket.Receive(Buffer.MakeRoom()));
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    protected override async ValueTask ReceiveAsync(CancellationToken cancellationToken) =>
        Buffer.Received(await socket.ReceiveAsync(Buffer.MakeRoom().AsMemory(), cancellationToken).ConfigureAwait(false));
}
