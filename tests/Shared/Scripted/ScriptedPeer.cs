using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

// The server's end of one connection.
internal sealed class ScriptedPeer(int number, PipeReader input, PipeWriter output, Socket? socket, CancellationToken life)
{
    // To INFO: a server that does not say who it is.
    public const string NothingToSay = "$0\r\n\r\n";

    private RespReader _reader = new(new RespLimits { MaxBulkBytes = 64 * 1024 * 1024, MaxFrameBytes = 128 * 1024 * 1024 });
    private long _bytesRead;
    private int _reads;

    // 1 for the first connection.
    public int Number => number;

    public CancellationToken Life => life;

    // How many bytes of commands, and in how many pieces, have been read.
    public long BytesRead => Volatile.Read(ref _bytesRead);

    public int Reads => Volatile.Read(ref _reads);

    // The next command, or null when the client is gone.
    public async Task<string[]?> ReadAsync()
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(life);
            if (_reader.TryRead(result.Buffer, out RespReply reply, out long consumed) == RespReadStatus.Done)
            {
                string[] command = [.. reply.ToValue().Items.Select(item => Encoding.Latin1.GetString(item.Bytes.Span))];
                input.AdvanceTo(result.Buffer.GetPosition(consumed));
                return command;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    // Waits until something has come, and leaves it unread.
    public async Task AwaitBytesAsync()
    {
        ReadResult result = await input.ReadAsync(life);
        input.AdvanceTo(result.Buffer.Start);
    }

    // Takes in whatever comes, as raw bytes, until the client is gone.
    public async Task DrainAsync()
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(life);
            Volatile.Write(ref _bytesRead, _bytesRead + result.Buffer.Length);
            Volatile.Write(ref _reads, _reads + 1);
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    // Reads the handshake of a node without credentials, one command, and accepts it.
    public async Task ShakeHandsAsync()
    {
        if (await ReadAsync() is not null)
        {
            await WriteAsync("+OK\r\n");
        }
    }

    public Task WriteAsync(string latin1) => WriteAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task WriteAsync(byte[] bytes) => await output.WriteAsync(bytes, life);

    public async Task CloseAsync()
    {
        await output.CompleteAsync();
        await input.CompleteAsync();
        socket?.Dispose();
    }
}
