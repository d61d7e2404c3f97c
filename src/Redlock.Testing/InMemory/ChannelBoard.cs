using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Who listens to which channel of a node. Guarded by the node's lock.</summary>
internal sealed class ChannelBoard
{
    private readonly Dictionary<byte[], List<ChannelListener>> _listeners = new(ByteKeyComparer.Instance);

    private Dictionary<byte[], List<ChannelListener>>.AlternateLookup<ReadOnlySpan<byte>> ByChannel =>
        _listeners.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count(ReadOnlySpan<byte> channel) =>
        ByChannel.TryGetValue(channel, out List<ChannelListener>? listeners) ? listeners.Count : 0;

    /// <summary>Adds a listener, and writes the confirmation.</summary>
    public void Subscribe(ChannelListener listener, ReadOnlySpan<byte> channel, IBufferWriter<byte> reply)
    {
        Dictionary<byte[], List<ChannelListener>>.AlternateLookup<ReadOnlySpan<byte>> byChannel = ByChannel;
        if (!byChannel.TryGetValue(channel, out List<ChannelListener>? listeners))
        {
            listeners = [];
            byChannel[channel] = listeners;
        }

        if (listener.Channels.Add(channel.ToArray()))
        {
            listeners.Add(listener);
        }

        WriteConfirmation("subscribe"u8, channel, listener.Channels.Count, reply);
    }

    /// <summary>Takes a listener away, and writes the confirmation, as well if it was none.</summary>
    public void Unsubscribe(ChannelListener listener, ReadOnlySpan<byte> channel, IBufferWriter<byte> reply)
    {
        HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> channels = listener.Channels.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (channels.TryGetValue(channel, out byte[]? known))
        {
            listener.Channels.Remove(known);
            Remove(listener, known);
        }

        WriteConfirmation("unsubscribe"u8, channel, listener.Channels.Count, reply);
    }

    /// <summary>Takes a listener away from every channel, and writes a confirmation for each, or one for none.</summary>
    public void UnsubscribeAll(ChannelListener listener, IBufferWriter<byte> reply)
    {
        if (listener.Channels.Count == 0)
        {
            RespWriter.WriteArrayHeader(reply, 3);
            RespWriter.WriteBulkString(reply, "unsubscribe"u8);
            ReplyWriter.WriteNullBulkString(reply);
            ReplyWriter.WriteInteger(reply, 0);
        }

        foreach (byte[] channel in (byte[][])[.. listener.Channels])
        {
            Unsubscribe(listener, channel, reply);
        }
    }

    /// <summary>A connection is gone.</summary>
    public void Forget(ChannelListener listener)
    {
        foreach (byte[] channel in listener.Channels)
        {
            Remove(listener, channel);
        }

        listener.Channels.Clear();
    }

    /// <summary>Hands a message to whoever listens.</summary>
    /// <returns>How many they are.</returns>
    public int Publish(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        if (!ByChannel.TryGetValue(channel, out List<ChannelListener>? listeners))
        {
            return 0;
        }

        foreach (ChannelListener listener in listeners)
        {
            listener.Push(channel, payload);
        }

        return listeners.Count;
    }

    private static void WriteConfirmation(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> channel, int count, IBufferWriter<byte> reply)
    {
        RespWriter.WriteArrayHeader(reply, 3);
        RespWriter.WriteBulkString(reply, kind);
        RespWriter.WriteBulkString(reply, channel);
        ReplyWriter.WriteInteger(reply, count);
    }

    private void Remove(ChannelListener listener, byte[] channel)
    {
        if (_listeners.TryGetValue(channel, out List<ChannelListener>? listeners) && listeners.Remove(listener) && listeners.Count == 0)
        {
            _listeners.Remove(channel);
        }
    }
}
