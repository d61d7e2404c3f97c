namespace Redlock.Fast.Testing;

/// <summary>The channels of an in-memory node, and what goes wrong with them. Guarded by the node's lock.</summary>
internal sealed class InMemoryChannels(TimeProvider clock, Lock gate)
{
    private long _toLose;

    public ChannelBoard Board { get; } = new();

    /// <summary>Whether nobody has a right to any channel.</summary>
    public bool AreRefused { get; set; }

    /// <summary>How long each message is held back.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Loses this many of the next messages.</summary>
    public void Lose(long messages) => _toLose = messages;

    /// <returns>How many listen, whether they will hear it or not.</returns>
    public int Publish(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        if (_toLose > 0 && Board.Count(channel) is > 0 and var unaware)
        {
            _toLose--;
            return unaware;
        }

        if (Delay == TimeSpan.Zero)
        {
            return Board.Publish(channel, payload);
        }

        (byte[]? name, byte[]? message) = (channel.ToArray(), payload.ToArray());
        Resp.WithoutContext.Start(
            static late => _ = late.Channels.PublishLateAsync(late.Name, late.Message), (Channels: this, Name: name, Message: message));
        return Board.Count(channel);
    }

    private async Task PublishLateAsync(byte[] channel, byte[] payload)
    {
        await Task.Delay(Delay, clock).ConfigureAwait(false);
        lock (gate)
        {
            Board.Publish(channel, payload);
        }
    }
}
