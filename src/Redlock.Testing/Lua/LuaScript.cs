using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>A script, ready to run, or why this node cannot run it.</summary>
internal sealed class LuaScript
{
    private readonly string _sha1;
    private readonly LuaStatement? _body;
    private readonly int _variables;
    private readonly string _refusal = string.Empty;

    public LuaScript(ReadOnlySpan<byte> text, string sha1)
    {
        _sha1 = sha1;
        try
        {
            _body = LuaParser.Parse(Encoding.Latin1.GetString(text), out _variables);
        }
        catch (LuaRefusedException e)
        {
            _refusal = "ERR this in-memory node is a stand-in that understands only a part of Lua, and not this script: "
                + Printable(e.Message) + "; run it on a real server (TempRedis)";
        }
    }

    /// <summary>Runs it and writes one reply.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="request">Its command.</param>
    /// <param name="keys">How many of the arguments from <paramref name="first"/> on are KEYS; the rest are ARGV.</param>
    /// <param name="first">Where the first key is.</param>
    /// <param name="reply">Where the reply goes.</param>
    public void Run(InMemoryClient client, InMemoryRequest request, int keys, int first, IBufferWriter<byte> reply)
    {
        if (_body is null)
        {
            ReplyWriter.WriteError(reply, _refusal);
            return;
        }

        LuaFrame frame = new LuaFrame(
            new LuaRedis(client),
            Slice(request, first, keys),
            Slice(request, first + keys, request.Count - first - keys),
            _variables);

        // A database that a script selects is its own.
        int database = client.Database;
        try
        {
            _body(frame);
            LuaRedis.Write(frame.Result, reply);
        }
        catch (LuaException e)
        {
            ReplyWriter.WriteError(reply, $"{Printable(e.Message)} script: {_sha1}, on @user_script:{e.Line}.");
        }
        finally
        {
            client.Database = database;
        }
    }

    private static LuaTable Slice(InMemoryRequest request, int first, int count)
    {
        LuaTable table = new LuaTable();
        for (int i = 0; i < count; i++)
        {
            table.Add(request[first + i].ToArray());
        }

        return table;
    }

    private static string Printable(string text) => text.Replace('\r', ' ').Replace('\n', ' ');
}
