using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on keys.</content>
internal static partial class InMemoryCommands
{
    private const long MillisecondsASecond = 1000;

    [Flags]
    private enum SetOptions
    {
        None = 0,
        IfAbsent = 1,
        IfPresent = 2,
        KeepExpiry = 4,
        GiveOld = 8,
    }

    // SET key value [NX | XX | IFEQ value] [GET] [EX seconds | PX milliseconds | EXAT second | PXAT millisecond | KEEPTTL]
    private static void Set(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (!TryParseSet(request, out SetOptions options, out int time, out long unit, out CountedFrom from, out int comparand)
            || (comparand > 0 && !HasConditions(client.Server.Options.Scripting)))
        {
            ReplyWriter.WriteError(reply, SyntaxError);
            return;
        }

        InMemoryStore store = client.Server.Store;
        long expiresAt = InMemoryEntry.Never;
        if (unit > 0)
        {
            if (!TryParseInteger(request[time], out long count))
            {
                ReplyWriter.WriteError(reply, NotAnInteger);
                return;
            }

            if (count <= 0 || !TryFindMoment(count, unit, from, store.NowMilliseconds, out expiresAt))
            {
                ReplyWriter.WriteError(reply, InvalidExpiry("set"));
                return;
            }
        }

        InMemoryEntry? old = store.Find(client.Database, request[1]);
        if (options.HasFlag(SetOptions.GiveOld))
        {
            WriteValue(old, reply);
        }

        bool isAllowed = old is null ? !options.HasFlag(SetOptions.IfPresent) : !options.HasFlag(SetOptions.IfAbsent);
        isAllowed &= comparand == 0 || (old is not null && old.Value.SequenceEqual(request[comparand]));
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
            ReplyWriter.WriteNullBulkString(reply);
        }
    }

    private static void SetSeconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        SetExpiring("setex", MillisecondsASecond, client, request, reply);

    private static void SetMilliseconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        SetExpiring("psetex", 1, client, request, reply);

    // SETEX key seconds value | PSETEX key milliseconds value
    private static void SetExpiring(string name, long unit, InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        InMemoryStore store = client.Server.Store;
        if (!TryParseInteger(request[2], out long count))
        {
            ReplyWriter.WriteError(reply, NotAnInteger);
        }
        else if (count <= 0 || !TryFindMoment(count, unit, CountedFrom.Now, store.NowMilliseconds, out long expiresAt))
        {
            ReplyWriter.WriteError(reply, InvalidExpiry(name));
        }
        else
        {
            store.FindOrAdd(client.Database, request[1]).Set(request[3], expiresAt);
            WriteOk(reply);
        }
    }

    private static bool TryParseSet(
        InMemoryRequest request, out SetOptions options, out int time, out long unit, out CountedFrom from, out int comparand)
    {
        options = SetOptions.None;
        time = comparand = 0;
        unit = 0;
        from = CountedFrom.Now;
        for (int i = 3; i < request.Count; i++)
        {
            ReadOnlySpan<byte> word = request[i];
            if (IsWord(word, "IFEQ"u8) && i + 1 < request.Count && comparand == 0
                && (options & (SetOptions.IfPresent | SetOptions.IfAbsent)) == SetOptions.None)
            {
                options |= SetOptions.IfPresent;
                comparand = ++i;
            }
            else if (IsWord(word, "NX"u8) && !options.HasFlag(SetOptions.IfPresent))
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
            else if (UnitOf(word) is var named and > 0
                && i + 1 < request.Count
                && !options.HasFlag(SetOptions.KeepExpiry)
                && (unit == 0 || (unit == named && from == StartOf(word))))
            {
                unit = named;
                from = StartOf(word);
                time = ++i;
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static long UnitOf(ReadOnlySpan<byte> word) =>
        IsWord(word, "PX"u8) || IsWord(word, "PXAT"u8) ? 1
        : IsWord(word, "EX"u8) || IsWord(word, "EXAT"u8) ? MillisecondsASecond
        : 0;

    private static CountedFrom StartOf(ReadOnlySpan<byte> word) => word.Length > 2 ? CountedFrom.Epoch : CountedFrom.Now;

    private static void Get(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        WriteValue(client.Server.Store.Find(client.Database, request[1]), reply);

    private static void WriteValue(InMemoryEntry? entry, IBufferWriter<byte> reply)
    {
        if (entry is null)
        {
            ReplyWriter.WriteNullBulkString(reply);
        }
        else
        {
            RespWriter.WriteBulkString(reply, entry.Value);
        }
    }

    private static void Delete(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        int deleted = 0;
        for (int i = 1; i < request.Count; i++)
        {
            if (client.Server.Store.Find(client.Database, request[i]) is { } entry)
            {
                entry.Remove();
                deleted++;
            }
        }

        ReplyWriter.WriteInteger(reply, deleted);
    }

    private static void Exists(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        int found = 0;
        for (int i = 1; i < request.Count; i++)
        {
            found += client.Server.Store.Find(client.Database, request[i]) is null ? 0 : 1;
        }

        ReplyWriter.WriteInteger(reply, found);
    }
}
