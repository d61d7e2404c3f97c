using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Answers the commands that open a connection, so that a script need not list them.</summary>
internal static class HandshakeReply
{
    private const string Nothing = "return 1";

    private static readonly string _nothingDigest = InMemoryScripts.HashOf(Nothing);
    private static readonly Reply _one = Reply.Of(RespValue.FromInteger(1));
    private static readonly Reply _nothingToSay = Reply.Of(RespValue.BulkString(string.Empty));
    private static readonly Reply _pong = Reply.Of(RespValue.SimpleString("PONG"));

    public static Reply? To(ScriptedCommand command)
    {
        if (command.Is("AUTH") || command.Is("SELECT") || (command.Is("CLIENT") && (command.Is(1, "SETNAME") || command.Is(1, "SETINFO"))))
        {
            return Reply.Ok;
        }

        if (command.Is("SCRIPT") && command.Is(1, "LOAD") && command.Words.Length > 2)
        {
            return Reply.Of(RespValue.BulkString(InMemoryScripts.HashOf(command.Words[2])));
        }

        if (command.Is("INFO") && command.Is(1, "server"))
        {
            return _nothingToSay;
        }

        // What a node runs to learn by which commands it can run scripts: one that does nothing.
        if ((command.Is("EVAL") && command.Is(1, Nothing)) || (command.Is("EVALSHA") && command.Is(1, _nothingDigest)))
        {
            return _one;
        }

        return command.Is("PING") ? _pong : null;
    }
}
