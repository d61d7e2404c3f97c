using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on how long a key lives.</content>
internal static partial class InMemoryCommands
{
    private const int NoSuchKey = -2;
    private const int NeverExpires = -1;

    [Flags]
    private enum ExpireCondition
    {
        None = 0,
        HasNone = 1,
        HasOne = 2,
        Later = 4,
        Earlier = 8,
    }

    private enum CountedFrom
    {
        Now = 0,
        Epoch,
    }

    private static void ExpireSeconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        Expire("expire", MillisecondsASecond, CountedFrom.Now, client, request, reply);

    private static void ExpireMilliseconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        Expire("pexpire", 1, CountedFrom.Now, client, request, reply);

    private static void ExpireAtSecond(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        Expire("expireat", MillisecondsASecond, CountedFrom.Epoch, client, request, reply);

    private static void ExpireAtMillisecond(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        Expire("pexpireat", 1, CountedFrom.Epoch, client, request, reply);

    // EXPIRE key time [NX | XX | GT | LT]
    private static void Expire(
        string name, long unit, CountedFrom from, InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        InMemoryStore store = client.Server.Store;
        if (!TryParseConditions(request, out ExpireCondition conditions, out string? error))
        {
            ReplyWriter.WriteError(reply, error);
        }
        else if (!TryParseInteger(request[2], out long count))
        {
            ReplyWriter.WriteError(reply, NotAnInteger);
        }
        else if (!TryFindMoment(count, unit, from, store.NowMilliseconds, out long expiresAt))
        {
            ReplyWriter.WriteError(reply, InvalidExpiry(name));
        }
        else if (store.Find(client.Database, request[1]) is not { } entry || !Allows(conditions, entry.ExpiresAt, expiresAt))
        {
            ReplyWriter.WriteInteger(reply, 0);
        }
        else
        {
            // A moment that has come deletes the key at once.
            if (expiresAt <= store.NowMilliseconds)
            {
                entry.Remove();
            }
            else
            {
                entry.ExpiresAt = expiresAt;
            }

            ReplyWriter.WriteInteger(reply, 1);
        }
    }

    private static string InvalidExpiry(string command) => $"ERR invalid expire time in '{command}' command";

    private static bool TryFindMoment(long count, long unit, CountedFrom from, long now, out long moment)
    {
        long start = from == CountedFrom.Now ? now : 0;
        Int128 exact = ((Int128)count * unit) + start;
        moment = (long)Int128.Clamp(exact, long.MinValue, InMemoryEntry.Never - 1);

        // Redis multiplies before it adds the present.
        return (Int128)count * unit >= long.MinValue && exact <= long.MaxValue;
    }

    private static bool TryParseConditions(InMemoryRequest request, out ExpireCondition conditions, out string error)
    {
        conditions = ExpireCondition.None;
        error = string.Empty;
        for (int i = 3; i < request.Count; i++)
        {
            ReadOnlySpan<byte> word = request[i];
            ExpireCondition condition = IsWord(word, "NX"u8) ? ExpireCondition.HasNone
                : IsWord(word, "XX"u8) ? ExpireCondition.HasOne
                : IsWord(word, "GT"u8) ? ExpireCondition.Later
                : IsWord(word, "LT"u8) ? ExpireCondition.Earlier
                : ExpireCondition.None;
            if (condition == ExpireCondition.None)
            {
                error = "ERR Unsupported option " + Encoding.UTF8.GetString(word).Replace('\r', ' ').Replace('\n', ' ');
                return false;
            }

            conditions |= condition;
        }

        if (conditions.HasFlag(ExpireCondition.HasNone) && conditions != ExpireCondition.HasNone)
        {
            error = "ERR NX and XX, GT or LT options at the same time are not compatible";
        }
        else if (conditions.HasFlag(ExpireCondition.Later | ExpireCondition.Earlier))
        {
            error = "ERR GT and LT options at the same time are not compatible";
        }

        return error.Length == 0;
    }

    // A key without an expiry counts as one that expires last of all.
    private static bool Allows(ExpireCondition conditions, long current, long wanted) =>
        (!conditions.HasFlag(ExpireCondition.HasNone) || current == InMemoryEntry.Never)
        && (!conditions.HasFlag(ExpireCondition.HasOne) || current != InMemoryEntry.Never)
        && (!conditions.HasFlag(ExpireCondition.Later) || wanted > current)
        && (!conditions.HasFlag(ExpireCondition.Earlier) || wanted < current);

    private static void Persist(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        InMemoryEntry? expires = client.Server.Store.Find(client.Database, request[1]) is { ExpiresAt: not InMemoryEntry.Never } entry
            ? entry
            : null;
        expires?.ExpiresAt = InMemoryEntry.Never;
        ReplyWriter.WriteInteger(reply, expires is null ? 0 : 1);
    }

    private static void TimeToLiveMilliseconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        ReplyWriter.WriteInteger(reply, TimeToLive(client, request[1]));

    // Rounded to the nearest second, as Redis rounds.
    private static void TimeToLiveSeconds(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        long milliseconds = TimeToLive(client, request[1]);
        ReplyWriter.WriteInteger(reply, milliseconds < 0 ? milliseconds : (milliseconds + (MillisecondsASecond / 2)) / MillisecondsASecond);
    }

    private static long TimeToLive(InMemoryClient client, ReadOnlySpan<byte> key) =>
        client.Server.Store.Find(client.Database, key) switch
        {
            null => NoSuchKey,
            { ExpiresAt: InMemoryEntry.Never } => NeverExpires,
            var entry => entry.ExpiresAt - client.Server.Store.NowMilliseconds,
        };
}
