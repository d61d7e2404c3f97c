using System.Buffers;

namespace Redlock.Fast.Testing;

/// <content>What a node without scripts has in their place.</content>
internal static partial class InMemoryCommands
{
    private static bool IsThere(InMemoryCommand command, InMemoryScripting scripting) => command.Name switch
    {
        "eval" or "evalsha" or "script" => scripting == InMemoryScripting.Lua,
        "delifeq" => scripting == InMemoryScripting.ValkeyCommands,
        "delex" => scripting == InMemoryScripting.RedisCommands,
        _ => true,
    };

    private static bool HasConditions(InMemoryScripting scripting) =>
        scripting is InMemoryScripting.ValkeyCommands or InMemoryScripting.RedisCommands;

    // DELIFEQ key value
    private static void DeleteIfEqual(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        DeleteIfEqual(client, request[1], request[2], reply);

    // DELEX key IFEQ value: the other conditions are of no use to a lock.
    private static void DeleteOnCondition(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (IsWord(request[2], "IFEQ"u8))
        {
            DeleteIfEqual(client, request[1], request[3], reply);
        }
        else
        {
            ReplyWriter.WriteError(reply, SyntaxError);
        }
    }

    private static void DeleteIfEqual(
        InMemoryClient client, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, IBufferWriter<byte> reply)
    {
        InMemoryEntry? entry = client.Server.Store.Find(client.Database, key);
        bool isEqual = entry is not null && entry.Value.SequenceEqual(value);
        if (isEqual)
        {
            entry!.Remove();
        }

        ReplyWriter.WriteInteger(reply, isEqual ? 1 : 0);
    }
}
