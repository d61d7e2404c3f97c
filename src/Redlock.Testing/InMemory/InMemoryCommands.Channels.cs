using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on channels.</content>
internal static partial class InMemoryCommands
{
    private const string NoChannelRight = "NOPERM this user has no permissions to access one of the channels used as arguments";
    private const string NoChannelRightOfScript = "ERR The user executing the script can't publish to the channel mentioned in the command";

    // SUBSCRIBE channel ...: a reply for each
    private static void Subscribe(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Server.Channels.AreRefused)
        {
            ReplyWriter.WriteError(reply, NoChannelRight);
            return;
        }

        for (int i = 1; i < request.Count; i++)
        {
            client.Server.Channels.Board.Subscribe(client.Listener, request[i], reply);
        }
    }

    // UNSUBSCRIBE [channel ...]: a reply for each, without any for all there are
    private static void Unsubscribe(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count == 1)
        {
            client.Server.Channels.Board.UnsubscribeAll(client.Listener, reply);
        }

        for (int i = 1; i < request.Count; i++)
        {
            client.Server.Channels.Board.Unsubscribe(client.Listener, request[i], reply);
        }
    }

    private static void Publish(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Server.Channels.AreRefused)
        {
            ReplyWriter.WriteError(reply, client.IsInScript ? NoChannelRightOfScript : NoChannelRight);
            return;
        }

        int listeners = client.Server.Channels.Publish(request[1], request[2]);

        // To the one that publishes it comes before the answer.
        if (!client.IsInScript)
        {
            client.Listener.MoveTo(reply);
        }

        ReplyWriter.WriteInteger(reply, listeners);
    }

    // PUBSUB NUMSUB [channel ...]
    private static void CountListeners(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        RespWriter.WriteArrayHeader(reply, (request.Count - 2) * 2);
        for (int i = 2; i < request.Count; i++)
        {
            RespWriter.WriteBulkString(reply, request[i]);
            ReplyWriter.WriteInteger(reply, client.Server.Channels.Board.Count(request[i]));
        }
    }

    private static void CountPatterns(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        ReplyWriter.WriteInteger(reply, 0);

    // CLIENT KILL TYPE normal|pubsub|master|replica, CLIENT KILL ID number: how many; never the one who asks
    private static void ClientKill(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count == 3)
        {
            ReplyWriter.WriteError(reply, "ERR No such client");
        }
        else if (request.Count > 4)
        {
            ReplyWriter.WriteError(reply, SyntaxError);
        }
        else if (IsWord(request[2], "ID"u8) && TryParseInteger(request[3], out long id))
        {
            ReplyWriter.WriteInteger(reply, client.Server.Kill(client, other => other.Id == id));
        }
        else if (!IsWord(request[2], "TYPE"u8))
        {
            ReplyWriter.WriteError(reply, SyntaxError);
        }
        else if (IsWord(request[3], "PUBSUB"u8) || IsWord(request[3], "NORMAL"u8))
        {
            bool listens = IsWord(request[3], "PUBSUB"u8);
            ReplyWriter.WriteInteger(reply, client.Server.Kill(client, other => other.Listener.Channels.Count > 0 == listens));
        }
        else if (IsWord(request[3], "MASTER"u8) || IsWord(request[3], "REPLICA"u8) || IsWord(request[3], "SLAVE"u8))
        {
            ReplyWriter.WriteInteger(reply, 0);
        }
        else
        {
            ReplyWriter.WriteError(reply, $"ERR Unknown client type '{Quote(request[3])}'");
        }
    }

    // A client that listens is answered so that it can tell the answer from a message.
    private static bool TryAnswerListener(
        InMemoryClient client, InMemoryCommand command, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Listener.Channels.Count == 0 || command.Name is "subscribe" or "unsubscribe" or "quit")
        {
            return false;
        }

        if (command.Name != "ping")
        {
            client.Transaction.Spoil();
            ReplyWriter.WriteError(
                reply,
                $"ERR Can't execute '{command.Name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
                    + "context");
            return true;
        }

        if (request.Count > 2)
        {
            return false;
        }

        RespWriter.WriteArrayHeader(reply, 2);
        RespWriter.WriteBulkString(reply, "pong"u8);
        RespWriter.WriteBulkString(reply, request.Count == 2 ? request[1] : default);
        return true;
    }
}
