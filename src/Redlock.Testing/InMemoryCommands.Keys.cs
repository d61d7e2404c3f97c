using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on keys.</content>
internal static partial class InMemoryCommands
{
    private const long MillisecondsASecond = 1000;
    private const int NoSuchKey = -2;
    private const int NeverExpires = -1;

    [Flags]
    private enum SetOptions
    {
        None = 0,
        IfAbsent = 1,
        IfPresent = 2,
        KeepExpiry = 4,
        GiveOld = 8,
    }

    /// <summary>Reads the moment PEXPIRE's argument names; it may have passed.</summary>
    public static bool TryParseExpiry(InMemoryClient client, ReadOnlySpan<byte> argument, out long expiresAt, out string error)
    {
        expiresAt = 0;
        error = NotAnInteger;
        if (!TryParseInteger(argument, out var milliseconds))
        {
            return false;
        }

        error = "ERR invalid expire time in 'pexpire' command";
        var now = client.Server.Store.NowMilliseconds;
        if (milliseconds > long.MaxValue - now)
        {
            return false;
        }

        expiresAt = milliseconds <= 0 ? 0 : now + milliseconds;
        return true;
    }

    /// <summary>Sets a key's expiry; a moment that has passed deletes the key at once, as PEXPIRE with zero does.</summary>
    public static void Expire(InMemoryEntry entry, long expiresAt)
    {
        if (expiresAt == 0)
        {
            entry.Remove();
        }
        else
        {
            entry.ExpiresAt = expiresAt;
        }
    }

    // SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]
    private static void Set(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (!TryParseSet(request, out var options, out var time, out var unit))
        {
            RespWriter.WriteError(reply, SyntaxError);
            return;
        }

        var store = client.Server.Store;
        var now = store.NowMilliseconds;
        var expiresAt = InMemoryEntry.Never;
        if (unit > 0)
        {
            if (!TryParseInteger(request[time], out var count))
            {
                RespWriter.WriteError(reply, NotAnInteger);
                return;
            }

            if (count <= 0 || count > (long.MaxValue - now) / unit)
            {
                RespWriter.WriteError(reply, "ERR invalid expire time in 'set' command");
                return;
            }

            expiresAt = now + (count * unit);
        }

        var old = store.Find(client.Database, request[1]);
        if (options.HasFlag(SetOptions.GiveOld))
        {
            WriteValue(old, reply);
        }

        var isAllowed = old is null ? !options.HasFlag(SetOptions.IfPresent) : !options.HasFlag(SetOptions.IfAbsent);
        if (isAllowed)
        {
            if (old is not null && options.HasFlag(SetOptions.KeepExpiry))
            {
                expiresAt = old.ExpiresAt;
            }

            (old ?? store.FindOrAdd(client.Database, request[1])).Set(request[2], expiresAt);
        }

        if (options.HasFlag(SetOptions.GiveOld))
        {
            return;
        }

        if (isAllowed)
        {
            WriteOk(reply);
        }
        else
        {
            RespWriter.WriteNullBulkString(reply);
        }
    }

    private static void SetSeconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        SetExpiring("setex", MillisecondsASecond, client, request, reply);

    private static void SetMilliseconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        SetExpiring("psetex", 1, client, request, reply);

    // SETEX key seconds value | PSETEX key milliseconds value
    private static void SetExpiring(string name, long unit, InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        var store = client.Server.Store;
        if (!TryParseInteger(request[2], out var count))
        {
            RespWriter.WriteError(reply, NotAnInteger);
        }
        else if (count <= 0 || count > (long.MaxValue - store.NowMilliseconds) / unit)
        {
            RespWriter.WriteError(reply, $"ERR invalid expire time in '{name}' command");
        }
        else
        {
            store.FindOrAdd(client.Database, request[1]).Set(request[3], store.NowMilliseconds + (count * unit));
            WriteOk(reply);
        }
    }

    private static bool TryParseSet(InMemoryRequest request, out SetOptions options, out int time, out long unit)
    {
        options = SetOptions.None;
        time = 0;
        unit = 0;
        for (var i = 3; i < request.Count; i++)
        {
            var word = request[i];
            var hasNext = i + 1 < request.Count;
            if (IsWord(word, "NX"u8) && !options.HasFlag(SetOptions.IfPresent))
            {
                options |= SetOptions.IfAbsent;
            }
            else if (IsWord(word, "XX"u8) && !options.HasFlag(SetOptions.IfAbsent))
            {
                options |= SetOptions.IfPresent;
            }
            else if (IsWord(word, "GET"u8))
            {
                options |= SetOptions.GiveOld;
            }
            else if (IsWord(word, "KEEPTTL"u8) && unit == 0)
            {
                options |= SetOptions.KeepExpiry;
            }
            else if (UnitOf(word) is var named and > 0 && (unit == 0 || unit == named) && hasNext && !options.HasFlag(SetOptions.KeepExpiry))
            {
                unit = named;
                time = ++i;
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static long UnitOf(ReadOnlySpan<byte> word) => IsWord(word, "PX"u8) ? 1 : IsWord(word, "EX"u8) ? MillisecondsASecond : 0;

    private static void Get(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        WriteValue(client.Server.Store.Find(client.Database, request[1]), reply);

    private static void WriteValue(InMemoryEntry? entry, IBufferWriter<byte> reply)
    {
        if (entry is null)
        {
            RespWriter.WriteNullBulkString(reply);
        }
        else
        {
            RespWriter.WriteBulkString(reply, entry.Value);
        }
    }

    private static void Delete(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        var deleted = 0;
        for (var i = 1; i < request.Count; i++)
        {
            if (client.Server.Store.Find(client.Database, request[i]) is { } entry)
            {
                entry.Remove();
                deleted++;
            }
        }

        RespWriter.WriteInteger(reply, deleted);
    }

    private static void Exists(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        var found = 0;
        for (var i = 1; i < request.Count; i++)
        {
            found += client.Server.Store.Find(client.Database, request[i]) is null ? 0 : 1;
        }

        RespWriter.WriteInteger(reply, found);
    }

    private static void TimeToLiveMilliseconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        RespWriter.WriteInteger(reply, TimeToLive(client, request[1]));

    // Rounded to the nearest second, as Redis rounds.
    private static void TimeToLiveSeconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        var milliseconds = TimeToLive(client, request[1]);
        RespWriter.WriteInteger(reply, milliseconds < 0 ? milliseconds : (milliseconds + (MillisecondsASecond / 2)) / MillisecondsASecond);
    }

    private static long TimeToLive(InMemoryClient client, ReadOnlySpan<byte> key) =>
        client.Server.Store.Find(client.Database, key) switch
        {
            null => NoSuchKey,
            { ExpiresAt: InMemoryEntry.Never } => NeverExpires,
            var entry => entry.ExpiresAt - client.Server.Store.NowMilliseconds,
        };

    private static void ExpireMilliseconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (!TryParseExpiry(client, request[2], out var expiresAt, out var error))
        {
            RespWriter.WriteError(reply, error);
        }
        else if (client.Server.Store.Find(client.Database, request[1]) is not { } entry)
        {
            RespWriter.WriteInteger(reply, 0);
        }
        else
        {
            Expire(entry, expiresAt);
            RespWriter.WriteInteger(reply, 1);
        }
    }
}
