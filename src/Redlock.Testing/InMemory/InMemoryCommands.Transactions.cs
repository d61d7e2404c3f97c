using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Transactions, which other clients build their own locks on.</content>
internal static partial class InMemoryCommands
{
    private static void Multi(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Transaction.IsOpen)
        {
            ReplyWriter.WriteError(reply, "ERR MULTI calls can not be nested");
            return;
        }

        client.Transaction.Open();
        WriteOk(reply);
    }

    private static void Exec(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        InMemoryTransaction transaction = client.Transaction;
        if (!transaction.IsOpen)
        {
            ReplyWriter.WriteError(reply, "ERR EXEC without MULTI");
            return;
        }

        if (transaction.IsSpoilt)
        {
            ReplyWriter.WriteError(reply, "EXECABORT Transaction discarded because of previous errors.");
        }
        else if (!transaction.IsUnchanged(client.Server.Store))
        {
            ReplyWriter.WriteNullArray(reply);
        }
        else
        {
            RespWriter.WriteArrayHeader(reply, transaction.Queued.Count);
            foreach ((InMemoryCommand? command, InMemoryRequest? queued) in transaction.Queued)
            {
                command.Run(client, queued, reply);
            }
        }

        transaction.Close();
    }

    private static void Discard(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (!client.Transaction.IsOpen)
        {
            ReplyWriter.WriteError(reply, "ERR DISCARD without MULTI");
            return;
        }

        client.Transaction.Close();
        WriteOk(reply);
    }

    private static void Watch(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Transaction.IsOpen)
        {
            ReplyWriter.WriteError(reply, "ERR WATCH inside MULTI is not allowed");
            return;
        }

        for (int i = 1; i < request.Count; i++)
        {
            client.Transaction.Watch(client.Server.Store, client.Database, request[i]);
        }

        WriteOk(reply);
    }

    private static void Unwatch(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        client.Transaction.Unwatch();
        WriteOk(reply);
    }
}
