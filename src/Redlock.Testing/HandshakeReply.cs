using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Answers the commands that open a connection, so that a script need not list them.</summary>
internal static class HandshakeReply
{
    private static readonly Reply s_pong = Reply.Of(RespValue.SimpleString("PONG"));

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

        return command.Is("PING") ? s_pong : null;
    }
}
