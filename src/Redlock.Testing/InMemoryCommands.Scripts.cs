using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on scripts.</content>
internal static partial class InMemoryCommands
{
    private const string UnknownScript =
        "ERR this in-memory node is a stand-in that only knows the scripts of Redlock.Fast itself; run any other on a real server (TempRedis)";

    private static void ScriptLoad(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        RespWriter.WriteBulkString(reply, client.Server.Scripts.Load(request[2]));

    private static void ScriptExists(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        RespWriter.WriteArrayHeader(reply, request.Count - 2);
        for (var i = 2; i < request.Count; i++)
        {
            RespWriter.WriteInteger(reply, client.Server.Scripts.IsLoaded(request[i]) ? 1 : 0);
        }
    }

    private static void ScriptFlush(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count > 3 || (request.Count == 3 && !IsWord(request[2], "ASYNC"u8) && !IsWord(request[2], "SYNC"u8)))
        {
            RespWriter.WriteError(reply, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
            return;
        }

        client.Server.Scripts.Flush();
        WriteOk(reply);
    }

    // EVAL text numkeys key ... argument ...
    private static void Eval(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (TryParseKeyCount(request, reply, out var keys))
        {
            var scripts = client.Server.Scripts;
            Span<byte> hash = stackalloc byte[40];
            System.Text.Ascii.FromUtf16(scripts.Load(request[1]), hash, out _);
            scripts.TryFind(hash, out var script);
            RunScript(script, keys, client, request, reply);
        }
    }

    // EVALSHA sha1 numkeys key ... argument ...
    private static void EvalSha(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (!client.Server.Scripts.TryFind(request[1], out var script))
        {
            RespWriter.WriteError(reply, "NOSCRIPT No matching script. Please use EVAL.");
        }
        else if (TryParseKeyCount(request, reply, out var keys))
        {
            RunScript(script, keys, client, request, reply);
        }
    }

    private static bool TryParseKeyCount(InMemoryRequest request, IBufferWriter<byte> reply, out long keys)
    {
        if (!TryParseInteger(request[2], out keys))
        {
            RespWriter.WriteError(reply, NotAnInteger);
        }
        else if (keys > request.Count - 3)
        {
            RespWriter.WriteError(reply, "ERR Number of keys can't be greater than number of args");
        }
        else if (keys < 0)
        {
            RespWriter.WriteError(reply, "ERR Number of keys can't be negative");
        }
        else
        {
            return true;
        }

        return false;
    }

    private static void RunScript(InMemoryScript? script, long keys, InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (script is null)
        {
            RespWriter.WriteError(reply, UnknownScript);
        }
        else if (keys != script.Keys || request.Count - 3 - keys < script.Arguments)
        {
            RespWriter.WriteError(reply, $"ERR this script takes {script.Keys} key(s) and {script.Arguments} argument(s)");
        }
        else
        {
            script.Run(client, request, 3, reply);
        }
    }
}
