using System.Net;
using System.Net.Sockets;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Something that listens where a node is expected, and says what the test wants.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string[], string> _answer;

    private FakeServer(Func<string[], string> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>Accepts and never says a word.</summary>
    public static FakeServer Silent() => new(_ => string.Empty);

    /// <summary>Answers the first thing that it is sent with this, and closes.</summary>
    public static FakeServer Saying(string text) => new(_ => text + "\0");

    /// <summary>Completes a handshake, then answers SET with this. A NUL at the end closes the connection.</summary>
    public static FakeServer AnsweringSet(string text) => new(command => command[0] == "SET" ? text : Welcome(command));

    /// <summary>Repeats the arguments of AUTH, and of nothing else, between these.</summary>
    public static FakeServer RepeatingAuth(string before, string after) =>
        new(command => command[0] == "AUTH" ? before + string.Join(' ', command[1..]) + after : Welcome(command));

    /// <summary>Completes a handshake, then answers everything with this, which is asked for each time.</summary>
    public static FakeServer AnsweringLater(Func<string[], string> answer) =>
        new(command => command[0] is "AUTH" or "SELECT" or "CLIENT" or "SCRIPT" || IsQuestion(command) ? Welcome(command) : answer(command));

    /// <summary>Answers the commands of a handshake as Redis does, but this one of them with that.</summary>
    public static FakeServer AnsweringHandshake(string command, string text) =>
        new(words => words[0] == command ? text : Welcome(words));

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient connection = client;
        try
        {
            await using NetworkStream stream = client.GetStream();
            byte[] received = new byte[64 * 1024];
            int count = 0;
            while (await stream.ReadAsync(received.AsMemory(count), _end.Token) is > 0 and int read)
            {
                count += read;
                while (TakeCommand(received, ref count) is { } command)
                {
                    string answer = _answer(command);
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(answer.TrimEnd('\0')), _end.Token);
                    if (answer.EndsWith('\0'))
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
    }

    // Whether there are scripts at all: they come without a key.
    private static bool IsQuestion(string[] command) => command[0] is "EVALSHA" or "EVAL" && command[2] == "0";

    private static string Welcome(string[] command) => command[0] switch
    {
        "SCRIPT" => $"$40\r\n{new RespScript(command[2]).Sha1}\r\n",
        "EVAL" or "EVALSHA" when IsQuestion(command) => ":1\r\n",
        "PING" => "+PONG\r\n",
        _ => "+OK\r\n",
    };

    /// <summary>The command at the start of what has come, which is then taken away.</summary>
    private static string[]? TakeCommand(byte[] received, ref int count)
    {
        RespReader reader = new();
        if (reader.TryRead(received.AsSpan(0, count), out RespReply command, out int consumed) != RespReadStatus.Done)
        {
            return null;
        }

        string[] words = [.. command.ToValue().Items.Select(item => item.AsString()!)];
        received.AsSpan(consumed, count - consumed).CopyTo(received);
        count -= consumed;
        return words;
    }
}
