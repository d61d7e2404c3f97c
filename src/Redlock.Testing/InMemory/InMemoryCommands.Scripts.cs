using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on scripts.</content>
internal static partial class InMemoryCommands
{
    // EVAL and EVALSHA have the script and the number of keys before it.
    private const int FirstKey = 3;

    private static void ScriptLoad(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        client.Server.Scripts.Load(request[2], out string? hash);
        RespWriter.WriteBulkString(reply, hash);
    }

    private static void ScriptExists(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        RespWriter.WriteArrayHeader(reply, request.Count - 2);
        for (int i = 2; i < request.Count; i++)
        {
            ReplyWriter.WriteInteger(reply, client.Server.Scripts.IsLoaded(request[i]) ? 1 : 0);
        }
    }

    private static void ScriptFlush(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count > 3 || (request.Count == 3 && !IsWord(request[2], "ASYNC"u8) && !IsWord(request[2], "SYNC"u8)))
        {
            ReplyWriter.WriteError(reply, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
            return;
        }

        client.Server.Scripts.Flush();
        WriteOk(reply);
    }

    // EVAL text numkeys key ... argument ...
    private static void Eval(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (TryParseKeyCount(request, reply, out int keys))
        {
            client.Server.Scripts.Load(request[1], out _).Run(client, request, keys, FirstKey, reply);
        }
    }

    // EVALSHA sha1 numkeys key ... argument ...
    private static void EvalSha(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Server.Scripts.Find(request[1]) is not { } script)
        {
            ReplyWriter.WriteError(reply, "NOSCRIPT No matching script. Please use EVAL.");
        }
        else if (TryParseKeyCount(request, reply, out int keys))
        {
            script.Run(client, request, keys, FirstKey, reply);
        }
    }

    private static bool TryParseKeyCount(InMemoryRequest request, IBufferWriter<byte> reply, out int keys)
    {
        keys = 0;
        if (!TryParseInteger(request[2], out long count))
        {
            ReplyWriter.WriteError(reply, NotAnInteger);
        }
        else if (count > request.Count - FirstKey)
        {
            ReplyWriter.WriteError(reply, "ERR Number of keys can't be greater than number of args");
        }
        else if (count < 0)
        {
            ReplyWriter.WriteError(reply, "ERR Number of keys can't be negative");
        }
        else
        {
            keys = (int)count;
            return true;
        }

        return false;
    }
}
