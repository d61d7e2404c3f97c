using System.Buffers;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Allocation;

/// <summary>
/// Counts every byte that the whole process allocates while channels are subscribed to, hear one message, and are left, again and again.
/// </summary>
internal sealed class SubscriptionMeasurement : SubscriptionHandler
{
    private const int MaxWindows = 6;

    private readonly RespNode _node;
    private readonly Sabotage _sabotage;
    private readonly byte[][] _channels;
    private readonly byte[][] _publications;
    private readonly RespSubscription[] _subscriptions;
    private long _cycles;
    private volatile bool _isStopped;
    private object? _waste;

    private SubscriptionMeasurement(RespNode node, int inFlight, Sabotage sabotage)
    {
        _node = node;
        _sabotage = sabotage;
        _channels = new byte[inFlight][];
        _publications = new byte[inFlight][];
        _subscriptions = new RespSubscription[inFlight];
        for (int channel = 0; channel < inFlight; channel++)
        {
            ArrayBufferWriter<byte> publication = new();
            RespWriter.WriteCommand(publication, "PUBLISH", $"name-{channel}:waiting", "1");
            _channels[channel] = System.Text.Encoding.UTF8.GetBytes($"name-{channel}:waiting");
            _publications[channel] = publication.WrittenSpan.ToArray();
        }
    }

    public static async Task<long> RunAsync(int inFlight, long cycles, Sabotage sabotage)
    {
        await using TempRedis server = await TempRedis.StartAsync();
        await using RespNode node = RespNode.Connect(server.Endpoint, new RespNodeOptions { SilenceLimit = TimeSpan.FromMinutes(10) });
        await node.WaitUntilConnectedAsync();
        SubscriptionMeasurement measurement = new(node, inFlight, sabotage);
        for (int tag = 0; tag < inFlight; tag++)
        {
            measurement.Subscribe(tag);
        }

        measurement.WaitForCycles(Math.Min(cycles, 30_000));
        long bytes = long.MaxValue;
        for (int window = 0; window < MaxWindows && bytes != 0; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            measurement.WaitForCycles(cycles);
            bytes = Math.Min(bytes, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        measurement._isStopped = true;
        GC.KeepAlive(measurement._waste);
        return bytes;
    }

    public override void OnConfirmed(long tag) =>
        _node.TrySend(_publications[tag], new RespRequest { DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved });

    public override void OnMessage(long tag, ReadOnlySpan<byte> payload)
    {
        RespSubscription subscription;
        lock (_subscriptions)
        {
            subscription = _subscriptions[tag];
        }

        _node.Unsubscribe(subscription);
    }

    public override void OnLost(long tag, string text) => Environment.FailFast(text);

    public override void OnEnded(long tag, SubscriptionEnd reason, string text)
    {
        if (_sabotage == Sabotage.OneObjectACycle)
        {
            _waste = new object();
        }

        Volatile.Write(ref _cycles, _cycles + 1);
        if (!_isStopped)
        {
            Subscribe(tag);
        }
    }

    // But for the first ones, all runs on the thread that reads.
    private void Subscribe(long tag)
    {
        lock (_subscriptions)
        {
            _subscriptions[tag] = _node.TrySubscribe(_channels[tag], this, tag);
        }
    }

    private void WaitForCycles(long cycles)
    {
        long target = Volatile.Read(ref _cycles) + cycles;
        while (Volatile.Read(ref _cycles) < target)
        {
            Thread.Sleep(1);
        }
    }
}
