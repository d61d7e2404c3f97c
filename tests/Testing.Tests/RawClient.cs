using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Redlock.Fast.Testing.Tests;

/// <summary>Sends bytes as they are and reads bytes as they come.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket? _socket;
    private readonly Stream _input;
    private readonly Stream _output;

    private RawClient(Socket socket)
    {
        _socket = socket;
        _input = _output = new NetworkStream(socket, ownsSocket: true);
    }

    private RawClient(IDuplexPipe pipe)
    {
        _input = pipe.Input.AsStream();
        _output = pipe.Output.AsStream();
    }

    public static RawClient Over(IDuplexPipe pipe) => new(pipe);

    public static RawClient To(string endpoint)
    {
        bool isUnix = endpoint.StartsWith("unix:", StringComparison.Ordinal);
        Socket socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(isUnix ? new UnixDomainSocketEndPoint(endpoint["unix:".Length..]) : IPEndPoint.Parse(endpoint));
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new RawClient(socket);
    }

    /// <summary>A command as an array of bulk strings.</summary>
    public static string Frame(string words)
    {
        string[] parts = words.Split(' ');
        StringBuilder frame = new StringBuilder($"*{parts.Length}\r\n");
        foreach (string part in parts)
        {
            frame.Append($"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        }

        return frame.ToString();
    }

    public async Task SendRawAsync(string bytes)
    {
        await _output.WriteAsync(Encoding.UTF8.GetBytes(bytes), TestContext.Current.CancellationToken);
        await _output.FlushAsync(TestContext.Current.CancellationToken);
    }

    public Task SendAsync(string words) => SendRawAsync(Frame(words));

    /// <summary>The next so many bytes; fewer if the connection ends before.</summary>
    public async Task<string> ReadAsync(int count)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Eventually.Patience);
        byte[] bytes = new byte[count];
        int length = await _input.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, patience.Token);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>Sends a command and checks its reply byte by byte.</summary>
    public async Task ExpectAsync(string words, string reply)
    {
        await SendAsync(words);
        Assert.Equal(reply, await ReadAsync(Encoding.UTF8.GetByteCount(reply)));
    }

    /// <summary>Sends a command and reads its reply, whatever it is, by its own length.</summary>
    public async Task<string> AskRawAsync(string bytes)
    {
        await SendRawAsync(bytes);
        return await ReadReplyAsync();
    }

    public Task<string> AskAsync(string words) => AskRawAsync(Frame(words));

    /// <summary>One whole reply.</summary>
    public async Task<string> ReadReplyAsync()
    {
        StringBuilder line = new StringBuilder();
        while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
        {
            string next = await ReadAsync(1);
            if (next.Length == 0)
            {
                return line.ToString();
            }

            line.Append(next);
        }

        int number = line[0] is '$' or '*' ? int.Parse(
            line.ToString(1, line.Length - 3), System.Globalization.CultureInfo.InvariantCulture) : 0;
        if (line[0] == '$' && number >= 0)
        {
            line.Append(await ReadAsync(number + 2));
        }

        for (int i = 0; line[0] == '*' && i < number; i++)
        {
            line.Append(await ReadReplyAsync());
        }

        return line.ToString();
    }

    /// <summary>True once the other side has closed, false if it says anything.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return (await ReadAsync(1)).Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Checks that nothing was sent here, once another exchange has shown that the node is answering or silent for all.</summary>
    public void ExpectNothing() => Assert.Equal(0, _socket!.Available);

    public void Dispose()
    {
        _output.Dispose();
        _input.Dispose();
    }
}
