using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>The channels of a scripted node: what is not scripted of them is played as a node would. Thread-safe.</summary>
internal sealed class ScriptedChannels
{
    private readonly Lock _gate = new();
    private readonly ChannelBoard _board = new();

    public int Publish(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            return _board.Publish(channel, payload);
        }
    }

    public void TakePushes(ChannelListener listener, IBufferWriter<byte> output)
    {
        lock (_gate)
        {
            listener.MoveTo(output);
        }
    }

    public void Forget(ChannelListener listener)
    {
        lock (_gate)
        {
            _board.Forget(listener);
        }
    }

    /// <summary>Answers what is about channels, and PING of a connection that listens.</summary>
    /// <returns>False if it is about something else.</returns>
    public bool TryAnswer(ScriptedCommand command, InMemoryRequest request, ChannelListener listener, IBufferWriter<byte> reply)
    {
        lock (_gate)
        {
            if (command.Is("SUBSCRIBE") && request.Count > 1)
            {
                for (int i = 1; i < request.Count; i++)
                {
                    _board.Subscribe(listener, request[i], reply);
                }
            }
            else if (command.Is("UNSUBSCRIBE"))
            {
                Unsubscribe(request, listener, reply);
            }
            else if (command.Is("PUBLISH") && request.Count == 3)
            {
                ReplyWriter.WriteInteger(reply, _board.Publish(request[1], request[2]));
            }
            else if (command.Is("PUBSUB") && command.Is(1, "NUMSUB"))
            {
                RespWriter.WriteArrayHeader(reply, (request.Count - 2) * 2);
                for (int i = 2; i < request.Count; i++)
                {
                    RespWriter.WriteBulkString(reply, request[i]);
                    ReplyWriter.WriteInteger(reply, _board.Count(request[i]));
                }
            }
            else if (command.Is("PING") && listener.Channels.Count > 0)
            {
                RespWriter.WriteArrayHeader(reply, 2);
                RespWriter.WriteBulkString(reply, "pong"u8);
                RespWriter.WriteBulkString(reply, request.Count > 1 ? request[1] : default);
            }
            else
            {
                return false;
            }

            return true;
        }
    }

    private void Unsubscribe(InMemoryRequest request, ChannelListener listener, IBufferWriter<byte> reply)
    {
        if (request.Count == 1)
        {
            _board.UnsubscribeAll(listener, reply);
        }

        for (int i = 1; i < request.Count; i++)
        {
            _board.Unsubscribe(listener, request[i], reply);
        }
    }
}
