using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>The server as a script sees it: commands, and how replies become values and values become replies.</summary>
internal sealed class LuaRedis(InMemoryClient client)
{
    private readonly InMemoryRequest _request = new();
    private readonly ArrayBufferWriter<byte> _reply = new();

    /// <summary>redis.call: an error ends the script.</summary>
    /// <exception cref="LuaException">The command was answered with an error, or can't be run.</exception>
    public object? Call(object?[] words, int line)
    {
        object? value = TryCall(words);
        return value is LuaTable table && ErrorOf(table) is { } error ? throw new LuaException(error, line) : value;
    }

    /// <summary>redis.pcall: an error is a value.</summary>
    public object? TryCall(object?[] words)
    {
        _request.Clear();
        _reply.ResetWrittenCount();
        string? refusal = words.Length == 0 ? "ERR Please specify at least one argument for this redis lib call" : null;
        foreach (object? word in words)
        {
            if (LuaValues.ToArgument(word) is { } argument)
            {
                _request.Add(argument);
            }
            else
            {
                refusal = "ERR Lua redis lib command arguments must be strings or integers";
            }
        }

        if (refusal is not null)
        {
            ReplyWriter.WriteError(_reply, refusal);
        }
        else
        {
            client.IsInScript = true;
            InMemoryCommands.ExecuteForScript(client, _request, _reply);
            client.IsInScript = false;
        }

        new RespReader(InMemoryRequestReader.Limits).TryRead(_reply.WrittenSpan, out RespReply reply, out _);
        return ValueOf(reply);
    }

    /// <summary>Answers with what a script returned.</summary>
    public static void Write(object? value, IBufferWriter<byte> reply)
    {
        switch (value)
        {
            case null or false:
                ReplyWriter.WriteNullBulkString(reply);
                break;
            case true:
                ReplyWriter.WriteInteger(reply, 1);
                break;
            case double number:
                ReplyWriter.WriteInteger(reply, (long)number);
                break;
            case byte[] text:
                RespWriter.WriteBulkString(reply, text);
                break;
            case LuaTable table:
                WriteTable(table, reply);
                break;
        }
    }

    private static void WriteTable(LuaTable table, IBufferWriter<byte> reply)
    {
        if (ErrorOf(table) is { } error)
        {
            ReplyWriter.WriteError(reply, OneLine(error));
        }
        else if (table.Field("ok") is byte[] status)
        {
            ReplyWriter.WriteSimpleString(reply, OneLine(Encoding.UTF8.GetString(status)));
        }
        else
        {
            // A table ends, for a client, at its first nil.
            int count = 0;
            while (table.Item(count + 1) is not null)
            {
                count++;
            }

            RespWriter.WriteArrayHeader(reply, count);
            for (int i = 1; i <= count; i++)
            {
                Write(table.Item(i), reply);
            }
        }
    }

    private static string? ErrorOf(LuaTable table) => table.Field("err") is byte[] error ? Encoding.UTF8.GetString(error) : null;

    private static string OneLine(string text) => text.Replace('\r', ' ').Replace('\n', ' ');

    private static object? ValueOf(in RespReply reply)
    {
        switch (reply.Type)
        {
            case RespType.Integer:
                return (double)reply.Integer;
            case RespType.SimpleString:
                return new LuaTable().With("ok", reply.Bytes.ToArray());
            case RespType.Error:
                return new LuaTable().With("err", reply.Bytes.ToArray());
            case RespType.BulkString when !reply.IsNull:
                return reply.Bytes.ToArray();
            case RespType.Array when !reply.IsNull:
                LuaTable table = new LuaTable();
                foreach (RespReply item in reply)
                {
                    table.Add(ValueOf(item));
                }

                return table;
            default:
                return false;
        }
    }
}
