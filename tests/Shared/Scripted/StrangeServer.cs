using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>Something that listens where a node is expected, and says what the test wants. A NUL at the end of an answer closes.</summary>
internal static class StrangeServer
{
    /// <summary>Accepts and never says a word.</summary>
    public static ScriptedServer Silent() => new(ScriptedTransport.Tcp, peer => peer.DrainAsync());

    /// <summary>Answers whatever comes first with this, and closes.</summary>
    public static ScriptedServer Saying(string text) => new(ScriptedTransport.Tcp, async peer =>
    {
        await peer.AwaitBytesAsync();
        await peer.WriteAsync(text);
    });

    /// <summary>Completes a handshake, then answers SET with this.</summary>
    public static ScriptedServer AnsweringSet(string text) => Answering(command => command[0] == "SET" ? text : Welcome(command));

    /// <summary>Repeats the arguments of AUTH, and of nothing else, between these.</summary>
    public static ScriptedServer RepeatingAuth(string before, string after) =>
        Answering(command => command[0] == "AUTH" ? before + string.Join(' ', command[1..]) + after : Welcome(command));

    /// <summary>Completes a handshake, then answers everything with this, which is asked for each time.</summary>
    public static ScriptedServer AnsweringLater(Func<string[], string> answer) =>
        Answering(command => IsOfHandshake(command) ? Welcome(command) : answer(command));

    /// <summary>Answers the commands of a handshake as Redis does, but this one of them with that.</summary>
    public static ScriptedServer AnsweringHandshake(string command, string text) =>
        Answering(words => words[0] == command ? text : Welcome(words));

    private static ScriptedServer Answering(Func<string[], string> answer) => new(ScriptedTransport.Tcp, async peer =>
    {
        while (await peer.ReadAsync() is { } command)
        {
            string text = answer(command);
            await peer.WriteAsync(text.TrimEnd('\0'));
            if (text.EndsWith('\0'))
            {
                return;
            }
        }
    });

    private static bool IsOfHandshake(string[] command) =>
        command[0] is "AUTH" or "SELECT" or "CLIENT" or "SCRIPT" || command is ["INFO", "server"] || IsQuestion(command);

    // Whether there are scripts at all: they come without a key.
    private static bool IsQuestion(string[] command) => command[0] is "EVALSHA" or "EVAL" && command[2] == "0";

    private static string Welcome(string[] command) => command[0] switch
    {
        "SCRIPT" => $"$40\r\n{new RespScript(command[2]).Sha1}\r\n",
        "EVAL" or "EVALSHA" when IsQuestion(command) => ":1\r\n",
        "PING" => "+PONG\r\n",
        "INFO" => ScriptedPeer.NothingToSay,
        _ => "+OK\r\n",
    };
}
