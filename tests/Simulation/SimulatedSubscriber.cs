using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>What one client hears of one node: a connection of its own, dialed again and again, and a handler a channel.</summary>
internal sealed class SimulatedSubscriber(World world, SimulatedClient client, SimulatedNode node, SeededRandom random)
{
    /// <summary>What an end of a subscription has in place of the subscription's number.</summary>
    public const long NoNumber = 0;

    private readonly List<Entry> _entries = [];
    private readonly Queue<Action> _unheard = [];
    private Connection? _connection;
    private Entry? _beingTold;
    private long _lastNumber;
    private bool _isReading;
    private bool _isDisposed;

    public RespSubscription TrySubscribe(string channel, SubscriptionHandler handler, long tag)
    {
        client.BeforeSend();
        if (_isDisposed)
        {
            return new RespSubscription(SubscriptionEnd.Disposed);
        }

        if (Find(channel) is not null)
        {
            return new RespSubscription(SubscriptionEnd.AlreadySubscribed);
        }

        Entry entry = new(channel, handler, tag, ++_lastNumber);
        _entries.Add(entry);
        world.Note(client.Name, "subscribes", $"{channel} on {node.Name}");
        if (_connection is null)
        {
            Dial();
        }

        Ask(_connection!, channel, entry.Number);
        return new RespSubscription(entry.Number);
    }

    public void Unsubscribe(RespSubscription subscription)
    {
        client.BeforeSend();
        if (_entries.Find(entry => entry.Number == subscription.Number) is { } entry)
        {
            world.Note(client.Name, "unsubscribes", $"{entry.Channel} on {node.Name}");
            Ask(_connection!, entry.Channel, NoNumber);
            End(entry, SubscriptionEnd.Unsubscribed, "");
        }
    }

    public void GoDown()
    {
        if (_connection is { } connection)
        {
            client.Post(world.Now, () => Read(() => Lose(connection)));
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_entries.Count > 0)
        {
            End(_entries[0], SubscriptionEnd.Disposed, "");
        }

        _connection?.End(node);
    }

    public void HearConfirmation(long number)
    {
        if (Find(number) is { } entry)
        {
            entry.IsToldLost = false;
            entry.IsConfirmed = true;
            world.Note(client.Name, "listens", $"{entry.Channel} on {node.Name}");
            Tell(entry, static (told, _) => told.Handler.OnConfirmed(told.Tag), "");
        }
    }

    public void HearMessage(string channel, string payload)
    {
        if (Find(channel) is { IsConfirmed: true } entry)
        {
            world.Note(client.Name, "is woken", $"{channel} on {node.Name}: {payload}");
            int times = world.IsOn(Fault.Duplicates) && random.Chance(0.1) ? 2 : 1;
            for (; times > 0 && !entry.HasEnded; times--)
            {
                Tell(entry, static (told, text) => told.Handler.OnMessage(told.Tag, Encoding.ASCII.GetBytes(text)), payload);
            }
        }

        if (world.IsOn(Fault.SubscriberResets) && random.Chance(0.05))
        {
            Lose(_connection!);
        }
    }

    public void HearRefusal(long number)
    {
        if (Find(number) is { } entry)
        {
            world.Note(client.Name, "may not listen", $"{entry.Channel} on {node.Name}");
            End(entry, SubscriptionEnd.Refused, $"{node.Name}: NOPERM");
        }
    }

    private void Dial()
    {
        long dial = random.Chance(0.5) ? Latency() : random.Below(world.Plan.ExpiryNanoseconds / 4);
        bool fails = !node.IsUp || (world.IsOn(Fault.SubscriberResets) && random.Chance(0.2));
        Connection connection = _connection = new Connection(this, world.Now + (world.IsHealed ? Latency() : dial));
        if (fails)
        {
            client.Post(connection.ReadyAt, () => Read(() => Lose(connection)));
        }
        else if (world.IsOn(Fault.SubscriberResets))
        {
            client.Post(connection.ReadyAt + random.Below(6 * world.Plan.ExpiryNanoseconds), () => Read(() => Lose(connection)));
        }
    }

    private void Lose(Connection connection)
    {
        if (connection.IsEnded || _isDisposed)
        {
            return;
        }

        world.Note(client.Name, "loses its ear", node.Name);
        connection.End(node);
        foreach (Entry entry in _entries.ToArray())
        {
            if (!entry.IsToldLost && !entry.HasEnded)
            {
                entry.IsToldLost = true;
                entry.IsConfirmed = false;
                Tell(entry, static (told, text) => told.Handler.OnLost(told.Tag, text), $"{node.Name}: lost");
            }
        }

        if (_isDisposed)
        {
            return;
        }

        Dial();
        foreach (Entry entry in _entries)
        {
            Ask(_connection!, entry.Channel, entry.Number);
        }
    }

    private void Ask(Connection connection, string channel, long number)
    {
        bool isIdle = connection.ReadyAt <= world.Now && connection.LastArrival <= world.Now;
        if (number != NoNumber && isIdle && world.IsOn(Fault.EagerReplies) && random.Chance(0.2))
        {
            node.ReceiveWish(connection, channel, number);
            return;
        }

        connection.LastArrival = Math.Max(connection.LastArrival, Math.Max(world.Now, connection.ReadyAt) + Latency());
        world.At(connection.LastArrival, () => node.ReceiveWish(connection, channel, number));
    }

    /// <summary>On the reading thread: while it tells one thing, the rest waits.</summary>
    private void Read(Action said)
    {
        _unheard.Enqueue(said);
        if (_isReading)
        {
            return;
        }

        _isReading = true;
        while (_unheard.TryDequeue(out Action? next))
        {
            next();
        }

        _isReading = false;
    }

    private void Tell(Entry entry, Action<Entry, string> call, string text)
    {
        if (_beingTold is not null)
        {
            throw new InvalidOperationException("The simulated subscriber tells two things at once.");
        }

        _beingTold = entry;
        call(entry, text);
        _beingTold = null;
        if (entry.Owed is { } end)
        {
            entry.Owed = null;
            entry.Handler.OnEnded(entry.Tag, end, "");
        }
    }

    private void End(Entry entry, SubscriptionEnd end, string text)
    {
        _entries.Remove(entry);
        entry.HasEnded = true;
        if (_beingTold == entry)
        {
            entry.Owed = end;
        }
        else
        {
            entry.Handler.OnEnded(entry.Tag, end, text);
        }
    }

    private Entry? Find(long number) => _entries.Find(entry => entry.Number == number);

    private Entry? Find(string channel) => _entries.Find(entry => entry.Channel == channel);

    private long Latency()
    {
        long usual = world.Plan.Latency;
        return world.IsOn(Fault.Latency) && random.Chance(0.04)
            ? usual + random.Below((long)(1.2 * world.Plan.ExpiryNanoseconds))
            : (usual / 2) + random.Below(usual);
    }

    /// <summary>A connection of it; what the node says comes in its order.</summary>
    internal sealed class Connection(SimulatedSubscriber subscriber, long readyAt) : INodeListener
    {
        private long _lastSaid;

        public long ReadyAt => readyAt;

        public long LastArrival { get; set; }

        public bool IsEnded { get; private set; }

        /// <summary>The node sends something.</summary>
        public void Say(Action<SimulatedSubscriber> said)
        {
            _lastSaid = Math.Max(_lastSaid, subscriber.World.Now + subscriber.Latency());
            subscriber.Client.Post(_lastSaid, () => subscriber.Read(() =>
            {
                if (!IsEnded)
                {
                    said(subscriber);
                }
            }));
        }

        void INodeListener.Say(string channel, string payload) => Say(hearer => hearer.HearMessage(channel, payload));

        public void End(SimulatedNode node)
        {
            IsEnded = true;
            node.Forget(this);
        }
    }

    private World World => world;

    private SimulatedClient Client => client;

    private sealed class Entry(string channel, SubscriptionHandler handler, long tag, long number)
    {
        public string Channel => channel;

        public SubscriptionHandler Handler => handler;

        public long Tag => tag;

        public long Number => number;

        /// <summary>Whether the node sends what is published to it.</summary>
        public bool IsConfirmed { get; set; }

        public bool IsToldLost { get; set; }

        public bool HasEnded { get; set; }

        public SubscriptionEnd? Owed { get; set; }
    }
}
