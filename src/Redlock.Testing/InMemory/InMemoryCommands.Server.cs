using System.Buffers;
using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on the node as a whole.</content>
internal static partial class InMemoryCommands
{
    // The Redis whose replies this node gives.
    private const string Version = "7.0.15";

    private const long MicrosecondsASecond = 1_000_000;

    private static void Time(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        long microseconds = (client.Server.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        RespWriter.WriteArrayHeader(reply, 2);
        RespWriter.WriteBulkString(reply, microseconds / MicrosecondsASecond);
        RespWriter.WriteBulkString(reply, microseconds % MicrosecondsASecond);
    }

    private static void DatabaseSize(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        ReplyWriter.WriteInteger(reply, client.Server.Store.Count(client.Database));

    private static void FlushAll(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (TryParseFlush(request, reply))
        {
            client.Server.Store.FlushAll();
            WriteOk(reply);
        }
    }

    private static void FlushDatabase(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (TryParseFlush(request, reply))
        {
            client.Server.Store.Flush(client.Database);
            WriteOk(reply);
        }
    }

    private static bool TryParseFlush(InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count == 1 || (request.Count == 2 && (IsWord(request[1], "ASYNC"u8) || IsWord(request[1], "SYNC"u8))))
        {
            return true;
        }

        ReplyWriter.WriteError(reply, SyntaxError);
        return false;
    }

    private static void CommandCount(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        ReplyWriter.WriteInteger(reply, _commands.Count);

    // COMMAND | COMMAND DOCS ...: terminals ask for hints at their start, and do without them.
    private static void CommandHints(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        RespWriter.WriteArrayHeader(reply, 0);

    private static void Info(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        StringBuilder text = new StringBuilder();
        foreach (string section in (ReadOnlySpan<string>)["Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "Keyspace"])
        {
            if (!IsAskedFor(section, request))
            {
                continue;
            }

            if (text.Length > 0)
            {
                text.Append("\r\n");
            }

            text.Append("# ").Append(section).Append("\r\n");
            AppendSection(section, client.Server, text);
        }

        RespWriter.WriteBulkString(reply, text.ToString());
    }

    private static bool IsAskedFor(string section, InMemoryRequest request)
    {
        for (int i = 1; i < request.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(request[i], section) || IsWord(request[i], "ALL"u8)
                || IsWord(request[i], "EVERYTHING"u8) || IsWord(request[i], "DEFAULT"u8))
            {
                return true;
            }
        }

        return request.Count == 1;
    }

    private static void AppendSection(string section, InMemoryServer server, StringBuilder text)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        switch (section)
        {
            case "Server":
                text.Append(invariant, $"redis_version:{Version}\r\nredis_mode:standalone\r\nprocess_id:{Environment.ProcessId}\r\n");
                text.Append(
                    invariant,
                    $"run_id:{server.RunId}\r\ntcp_port:{server.Port}\r\nuptime_in_seconds:{(long)server.Uptime.TotalSeconds}\r\n");
                break;
            case "Clients":
                text.Append(invariant, $"connected_clients:{server.SessionCount}\r\n");
                break;
            case "Memory":
                text.Append("maxmemory:0\r\nmaxmemory_policy:noeviction\r\n");
                break;
            case "Persistence":
                text.Append("loading:0\r\nrdb_changes_since_last_save:0\r\naof_enabled:0\r\n");
                break;
            case "Stats":
                text.Append(invariant, $"total_commands_processed:{server.CommandsProcessed}\r\n");
                break;
            case "Replication":
                text.Append("role:master\r\nconnected_slaves:0\r\n");
                break;
            default:
                AppendKeyspace(server, text);
                break;
        }
    }

    private static void AppendKeyspace(InMemoryServer server, StringBuilder text)
    {
        for (int i = 0; i < InMemoryStore.DatabaseCount; i++)
        {
            if (server.Store.Count(i) is > 0 and var keys)
            {
                text.Append(CultureInfo.InvariantCulture, $"db{i}:keys={keys},expires={server.Store.CountExpiring(i)},avg_ttl=0\r\n");
            }
        }
    }
}
