using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>
/// The shipped connection of one client to one node, over simulated links, with a look at all that goes in and comes out.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its client disposes it.")]
internal sealed partial class BytePath : SimulatedPath
{
    private readonly SeededRandom _random;
    private readonly SimulatedDialer _dialer;
    private readonly RespNodeOptions _options;
    private readonly RespNode _resp;
    private readonly Dictionary<string, long> _acquiredOn = [];
    private readonly List<AwaitedRequest> _awaited = [];
    private readonly List<(string Key, string Owner, long Connection)> _owed = [];
    private readonly SimulatedNode _node;
    private readonly DialWatch _dials;
    private readonly DialWatch _subscriberDials;
    private long _refusesReservedOn;

    public BytePath(World world, SimulatedClient client, SimulatedNode node, SeededRandom random)
    {
        World = world;
        Client = client;
        _node = node;
        _random = random;
        Frames = new FrameBook(world);
        _dialer = new SimulatedDialer(world, client, node, random.Fork(RandomStream.Bytes)) { Frames = Frames };
        _options = DrawOptions();
        _resp = new RespNode(_dialer, _options);
        _resp.StateChanged += (_, state) =>
        {
            string why = state == RespNodeState.Disconnected ? $": {_resp.LastError}" : "";
            world.Note(client.Name, "connection", $"{node.Name} {state}{why}");
        };
        _dials = new DialWatch(world, _options);
        _subscriberDials = new DialWatch(world, _options);
        if (world.Plan.Has(Fault.Bursts))
        {
            new Burst(world, client, this, random.Fork(RandomStream.Crowd)).Start();
        }
    }

    // Other runs do not ask, and believe every server.
    internal override event Action? Introduced
    {
        add
        {
            if (World.Plan.Has(Fault.RestartInQuarantine))
            {
                _resp.Introduced += value;
            }
        }

        remove => _resp.Introduced -= value;
    }

    public World World { get; }

    public SimulatedClient Client { get; }

    /// <summary>What was asked and said.</summary>
    public FrameBook Frames { get; }

    public override string Name => _resp.Name;

    public override TimeProvider TimeProvider => _resp.TimeProvider;

    public override RespServer? Server => _resp.Server;

    private RespConnection Connection => KeeperOf(_resp).Connection;

    public override string Describe(RequestFailure failure) => _resp.Describe(failure);

    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        long asked = TimeProvider.GetTimestamp();
        Client.BeforeSend();
        SimulatedRequest taken = SimulatedRequest.Read(frame, request);
        if (taken.IsAttempt)
        {
            Client.Lines.NoteAsked(taken.Key, isTaken: true);
            Client.Lines.NoteSuccession(taken);
            World.Waiting.NoteAsked(taken.Key);
            World.Ledger.Attempted(Client, LineWatch.OperationOf(request.Handler!), taken.Key, taken.Owner, asked);
        }

        return Send(frame, request, taken);
    }

    /// <summary>Sends what is about no lock.</summary>
    public RespTicket Send(ReadOnlySpan<byte> frame, in RespRequest request) =>
        Send(frame, request, SimulatedRequest.Read(frame, request));

    public override RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        World.Note(Client.Name, "subscribes", $"{Encoding.UTF8.GetString(channel)} on {_node.Name}");
        Client.BeforeSend();
        return _resp.TrySubscribe(channel, handler, tag);
    }

    public override void Unsubscribe(RespSubscription subscription)
    {
        World.Note(Client.Name, "unsubscribes", _node.Name);
        Client.BeforeSend();
        _resp.Unsubscribe(subscription);
    }

    public override void Prepare(RespScript script) => _resp.Prepare(script);

    /// <summary>Whether whoever waits is told a second time what he was told.</summary>
    public bool DuplicatesNow() => World.IsOn(Fault.Duplicates) && _random.Chance(0.1);

    public override void Lose() => LinkOf(Connection)?.Break("connection reset");

    public override void GoDown()
    {
        foreach (ByteLink link in _dialer.Links.ToArray())
        {
            bool isSeen = _random.Chance(0.7);
            if (!isSeen && !link.IsOver)
            {
                link.Mute();
            }

            Client.Post(World.Now + (isSeen ? 0 : _random.Below(World.Plan.ExpiryNanoseconds)), () => link.Break("the node went down"));
        }
    }

    public override void Heal()
    {
        foreach (ByteLink link in _dialer.Links.ToArray())
        {
            link.Heal();
        }
    }

    public override void Dispose() => _resp.Dispose();

    public override void Leave() => _resp.Dispose();

    public override string ToString() => $"{Client.Name} to {Name}";

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keeper")]
    private static extern ref ConnectionKeeper KeeperOf(RespNode node);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_subscriber")]
    private static extern ref Subscriber? SubscriberOf(RespNode node);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keeper")]
    private static extern ref ConnectionKeeper KeeperOf(Subscriber subscriber);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_pipe")]
    private static extern ref IDuplexPipe? PipeOf(RespConnection connection);

    private static ByteLink? LinkOf(RespConnection connection) => (PipeOf(connection) as LinkPipe)?.Link;

    private RespTicket Send(ReadOnlySpan<byte> frame, in RespRequest request, SimulatedRequest taken)
    {
        AwaitedRequest? awaited = request.Handler is { } handler ? new AwaitedRequest(this, taken, handler) : null;
        Frames.NoteTaken(taken);
        if (awaited is not null)
        {
            _awaited.Add(awaited);
            if (taken.IsAttempt)
            {
                Frames.NoteAwaited(taken, awaited);
            }
        }

        World.Note(Client.Name, taken.Verb, $"{taken.Owner} for {taken.Key} to {_node.Name}");
        RespTicket ticket = _resp.TrySend(frame, request with { Handler = awaited });
        if (ticket.IsTaken)
        {
            NoteTaken(taken, awaited, ticket);
        }
        else
        {
            NoteRefused(taken, request, awaited, ticket.Failure);
        }

        return ticket;
    }

    private void NoteTaken(SimulatedRequest taken, AwaitedRequest? awaited, RespTicket ticket)
    {
        awaited?.Connection = ticket.Connection;
        if (taken.IsAcquire)
        {
            _acquiredOn[taken.Owner] = ticket.Connection;
        }

        if (taken.IsHeal && Client.HasReleased(taken.Owner))
        {
            Client.Post(World.Now + 1, () => Owe(taken.Key, taken.Owner));
        }
    }

    private void NoteRefused(SimulatedRequest taken, in RespRequest request, AwaitedRequest? awaited, RequestFailure refusal)
    {
        World.Note(Client.Name, $"{taken.Verb} not taken", $"{_node.Name}: {refusal}");
        if (taken.IsAttempt)
        {
            Client.Lines.NoteAsked(taken.Key, isTaken: false);
        }

        if (awaited is not null)
        {
            awaited.Refuse();
            _awaited.Remove(awaited);
        }

        if (refusal != RequestFailure.QueueFull || request.Priority == RequestPriority.Ordinary)
        {
            return;
        }

        if (request.Undoes.IsTaken)
        {
            World.Fail(Invariant.UndoingFindsRoom, $"{this} has no room for {taken.Words}, which undoes what was taken");
        }

        _refusesReservedOn = Connection.Number;
    }

    private RespNodeOptions DrawOptions()
    {
        SimulationPlan plan = World.Plan;
        bool isCrowded = plan.Has(Fault.Crowding);
        int room = plan.Has(Fault.SmallQueues) ? 2 + _random.Next(6) : 4096;
        string? password = _random.Chance(0.5) ? "a secret" : null;
        bool expires = plan.Has(Fault.ExpiringLogins);
        SimulatedLogins logins = new(World, Client, _random.Fork(RandomStream.Logins));
        return new RespNodeOptions
        {
            Password = expires ? null : password,
            Credentials = expires ? logins.GiveAsync : null,
            Database = _random.Next(2),
            ClientName = _random.Chance(0.8) ? "simulated" : null,
            Scripts = _random.Chance(0.5) ? [RedlockScripts.Release, RedlockScripts.Extend, RedlockScripts.Take] : [],
            ReconnectDelay = plan.Expiry / _random.Pick(20, 60, 200),
            MaxReconnectDelay = plan.Expiry / _random.Pick(2, 4, 10),
            ConnectTimeLimit = TimeSpan.FromTicks(
                Math.Max(plan.Expiry.Ticks / _random.Pick(1, 2), 20 * plan.Latency / TimeSpan.NanosecondsPerTick)),
            SilenceLimit = _random.Pick(plan.Expiry, TimeSpan.FromSeconds(5)),
            QueueLimits = new RespQueueLimits
            {
                OrdinaryRequests = room,
                AllRequests = 16 * room,
                WindowBytes = isCrowded ? 1024 : 1024 * 1024,
            },
            TimeProvider = Client.Time,
            Scheduler = new SimulatedScheduler(Client, _random.Fork(RandomStream.Jitter)),
        };
    }
}
