using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>The link of one client to one node: in order both ways, with deadlines, silence, resets and a bounded queue.</summary>
internal sealed class SimulatedChannel : SimulatedPath
{
    private const int OrdinaryRoom = 4096;

    // A reserve as large as the ordinary room many times over, as the real queue has.
    private const int ReserveFactor = 16;

    private readonly World _world;
    private readonly SimulatedClient _client;
    private readonly SimulatedNode _node;
    private readonly SeededRandom _random;
    private readonly int _smallRoom;
    private readonly SimulatedSubscriber _subscriber;
    private readonly Dictionary<string, SimulatedConnection> _acquiredOn = [];
    private SimulatedConnection _connection;
    private bool _takesBeforeReady = true;
    private bool _isDisposed;
    private RespServer? _server;

    public SimulatedChannel(World world, SimulatedClient client, SimulatedNode node, SeededRandom random)
    {
        _world = world;
        _client = client;
        _node = node;
        _random = random;
        _smallRoom = 2 + (int)random.Below(6);
        _connection = new SimulatedConnection(this, client.Name, number: 1, readyAt: Latency());
        _subscriber = new SimulatedSubscriber(world, client, node, random.Fork(RandomStream.Wakes));
    }

    internal override event Action? Introduced;

    public override string Name => _node.Name;

    public override RespServer? Server => _server;

    public override TimeProvider TimeProvider => _client.Time;

    public override string Describe(RequestFailure failure) => $"{Name}: {failure}";

    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        long asked = TimeProvider.GetTimestamp();
        _client.BeforeSend();
        SimulatedConnection connection = _connection;
        if (!_isDisposed
            && request.Undoes.Connection == connection.Number
            && connection.Lane.TryTake(request.Undoes.Number) is { } withdrawn)
        {
            Tell(withdrawn, RequestFailure.Withdrawn);
            PayOwed(connection);
            return new RespTicket(RequestFailure.Withdrawn);
        }

        RequestFailure refusal = Refusal(connection, request);
        SimulatedRequest taken = SimulatedRequest.Read(frame, request);
        if (taken.IsAttempt)
        {
            _client.Lines.NoteAsked(taken.Key, isTaken: refusal == RequestFailure.None);
            _client.Lines.NoteSuccession(taken);
            _world.Waiting.NoteAsked(taken.Key);
            _world.Ledger.Attempted(_client, LineWatch.OperationOf(request.Handler!), taken.Key, taken.Owner, asked);
        }

        if (refusal != RequestFailure.None)
        {
            _world.Note(_client.Name, $"{taken.Verb} not taken", $"{_node.Name}: {refusal}");
            return new RespTicket(refusal);
        }

        _world.Note(_client.Name, taken.Verb, $"{taken.Owner} for {taken.Key} to {_node.Name}#{connection.Number}");
        if (taken.IsAcquire)
        {
            _acquiredOn[taken.Owner] = connection;
        }

        if (taken.IsHeal && _client.HasReleased(taken.Owner))
        {
            // Whoever heals looks again, and then sends the release behind it.
            _client.Post(_world.Now + 1, () => connection.OweLater(taken.Key, taken.Owner));
        }

        taken.Number = connection.Lane.NextNumber();
        RespTicket ticket = new(connection.Number, taken.Number);
        if (connection.Lane.Holds(taken) || (!taken.IsReserved && _world.IsOn(Fault.Crowding) && _random.Chance(0.2)))
        {
            HoldBack(connection, taken);
            return ticket;
        }

        taken.IsEager = _world.IsOn(Fault.EagerReplies) && connection.Waiting == 0 && !_client.IsPaused && _random.Chance(0.2);
        if ((request.Behind.IsTaken || request.Undoes.IsTaken) && _world.Plan.Has(Fault.LooseOrder))
        {
            SimulatedConnection other = new(this, _client.Name, number: 0, readyAt: 0);
            other.End(_random);
            _world.At(_world.Now + Latency(), () => _node.Receive(other, taken));
            return ticket;
        }

        connection.Take(taken);
        WatchDeadline(connection, taken);
        if (_world.IsOn(Fault.Resets) && _random.Chance(0.02))
        {
            _client.Post(_world.Now + _random.Below(Latency() * 3), () => Break(connection, RequestFailure.ConnectionLost));
        }

        if (_world.IsOn(Fault.Silence) && _random.Chance(0.01))
        {
            connection.IsMute = true;
            _client.Post(_world.Now + (2 * _world.Plan.ExpiryNanoseconds), () => Break(connection, RequestFailure.ConnectionLost));
        }

        taken.IsEager = false;
        return ticket;
    }

    public override RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag) =>
        _subscriber.TrySubscribe(Encoding.UTF8.GetString(channel), handler, tag);

    public override void Unsubscribe(RespSubscription subscription) => _subscriber.Unsubscribe(subscription);

    /// <summary>Sends a frame on its way to the node.</summary>
    public void Transmit(SimulatedConnection connection, SimulatedRequest request, ref long lastArrival)
    {
        if (request.IsEager && connection.ReadyAt <= _world.Now && !connection.IsMute)
        {
            lastArrival = _world.Now;
            _node.Receive(connection, request);
            return;
        }

        lastArrival = Math.Max(lastArrival, Math.Max(_world.Now, connection.ReadyAt) + Latency());
        _world.At(lastArrival, () =>
        {
            request.IsLost |= connection.IsMute;
            if (!request.IsLost)
            {
                _node.Receive(connection, request);
            }
        });
    }

    public void TransmitReply(SimulatedConnection connection, SimulatedRequest request, string reply, ref long lastReply)
    {
        connection.Age ??= _node.Age;
        if (request.IsEager)
        {
            lastReply = _world.Now;
            Deliver(connection, request, reply);
            return;
        }

        lastReply = Math.Max(lastReply, _world.Now + Latency());
        _client.Post(lastReply, () => Deliver(connection, request, reply));
    }

    /// <inheritdoc/>
    public override void Owe(string key, string owner)
    {
        if (_acquiredOn.TryGetValue(owner, out SimulatedConnection? connection))
        {
            connection.Owe(key, owner);
        }
    }

    public void CheckGone(string key, string owner)
    {
        if (_node.OwnerOf(key) == owner && _node.IsSetBy(_client, key) && !_node.HasRefusedToRelease(owner))
        {
            _world.Fail(
                Invariant.NothingLeftBehind,
                $"{_node.Name} keeps {owner} although {_client.Name} has given it up on an unbroken connection");
        }
    }

    public void Break(SimulatedConnection connection, RequestFailure failure)
    {
        if (connection.IsEnded)
        {
            return;
        }

        _world.Note(_client.Name, "connection ends", $"{_node.Name}#{connection.Number}: {failure}");
        List<SimulatedRequest> unsent = connection.Lane.TakeAll();
        List<SimulatedRequest> waiting = connection.End(_random);
        if (failure == RequestFailure.Disposed)
        {
            _isDisposed = true;
        }
        else
        {
            Redial(connection.Number + 1);
        }

        foreach (SimulatedRequest request in waiting)
        {
            Tell(request, failure);
        }

        foreach (SimulatedRequest request in unsent)
        {
            Tell(request, failure == RequestFailure.Disposed ? failure : RequestFailure.NotConnected);
        }
    }

    /// <inheritdoc/>
    public override void Lose() => Break(_connection, RequestFailure.ConnectionLost);

    /// <inheritdoc/>
    public override void GoDown()
    {
        SimulatedConnection connection = _connection;
        connection.IsMute = true;
        _client.Post(_world.Now, () => Break(connection, RequestFailure.ConnectionLost));
        _subscriber.GoDown();
    }

    public override void Heal()
    {
        if (_connection.IsMute)
        {
            Lose();
        }
    }

    public override void Dispose()
    {
        Break(_connection, RequestFailure.Disposed);
        _subscriber.Dispose();
    }

    /// <summary>Whether a thread of the client is in the middle of what it sends.</summary>
    public bool IsSenderHeldUp => _client.IsSenderHeldUp;

    private void Redial(long number)
    {
        _takesBeforeReady = _random.Chance(0.5);
        long dial = _random.Chance(0.5) ? Latency() : _random.Below(_world.Plan.ExpiryNanoseconds / 4);
        SimulatedConnection connection = _connection = new SimulatedConnection(this, _client.Name, number, _world.Now + dial);
        if (_world.IsOn(Fault.Resets) && _random.Chance(0.2))
        {
            // The dial fails: what was taken meanwhile was never sent.
            connection.IsMute = true;
            _client.Post(connection.ReadyAt, () => Break(connection, RequestFailure.NotConnected));
        }
        else
        {
            _world.At(connection.ReadyAt, _node.LoadScripts);
            if (_world.Plan.Has(Fault.RestartInQuarantine))
            {
                _world.At(connection.ReadyAt, () => AskForAge(connection));
            }
        }
    }

    private RequestFailure Refusal(SimulatedConnection connection, in RespRequest request)
    {
        if (_isDisposed)
        {
            return RequestFailure.Disposed;
        }

        if (IsElsewhere(request.Behind, connection) || IsElsewhere(request.Undoes, connection))
        {
            return RequestFailure.ConnectionChanged;
        }

        // Whose connection went down with its node has not heard of it yet, so what it sends is taken, and lost.
        bool isRefusedDial = !_node.IsUp && !connection.IsMute;
        if (isRefusedDial || (!_takesBeforeReady && _world.Now < connection.ReadyAt))
        {
            return RequestFailure.NotConnected;
        }

        bool isOrdinary = request.Priority == RequestPriority.Ordinary;
        if (connection.IsSilent && isOrdinary)
        {
            return RequestFailure.Silent;
        }

        int room = _world.IsOn(Fault.SmallQueues) ? _smallRoom : OrdinaryRoom;
        if (connection.Waiting >= (isOrdinary ? room : room * ReserveFactor))
        {
            connection.HasRefusedReserved |= !isOrdinary;
            return RequestFailure.QueueFull;
        }

        return RequestFailure.None;
    }

    private void HoldBack(SimulatedConnection connection, SimulatedRequest request)
    {
        connection.Lane.Add(request);
        long left = Math.Max(1, request.DeadlineTicks - TimeProvider.GetTimestamp());
        _client.Post(_world.Now + _random.Below(2 * left), () =>
        {
            foreach (SimulatedRequest next in connection.Lane.TakeUpTo(request))
            {
                connection.Take(next);
                WatchDeadline(connection, next);
            }

            PayOwed(connection);
        });
        _client.Time.At(request.DeadlineTicks, () =>
        {
            if (request.IsReserved)
            {
                // Sent all the same, later.
                Tell(request, RequestFailure.TimedOut);
            }
            else if (connection.Lane.TryTake(request.Number) is not null)
            {
                Tell(request, RequestFailure.TimedOutUnsent);
                PayOwed(connection);
            }
        });
    }

    private static void PayOwed(SimulatedConnection connection)
    {
        foreach ((string key, string owner) in connection.Lane.TakeOwed())
        {
            connection.Owe(key, owner);
        }
    }

    private void WatchDeadline(SimulatedConnection connection, SimulatedRequest request) =>
        _client.Time.At(request.DeadlineTicks, () =>
        {
            if (!connection.IsEnded && !request.IsAnswered)
            {
                connection.IsSilent = true;
                Tell(request, RequestFailure.TimedOut);
            }
        });

    private void Deliver(SimulatedConnection connection, SimulatedRequest request, string wire)
    {
        if (connection.IsEnded || connection.IsMute)
        {
            return;
        }

        connection.TakeAnswered(request);
        Introduce(connection);
        bool isForgone = false;
        if (request.Script is not null && wire.StartsWith("-NOSCRIPT", StringComparison.Ordinal))
        {
            if (request.Asker?.Wants(request.Tag) != false)
            {
                SimulatedRequest repeat = request.WithText();
                connection.Take(repeat);
                WatchDeadline(connection, repeat);
                return;
            }

            isForgone = true;
        }

        if (request.Handler is { } handler)
        {
            request.Handler = null;
            _world.Note(_client.Name, "hears", $"{_node.Name}: {wire.TrimEnd()}");
            Hand(handler, request.Tag, wire);
            if (_world.IsOn(Fault.Duplicates) && _random.Chance(0.1))
            {
                Hand(handler, request.Tag, wire);
            }
        }

        if (isForgone)
        {
            connection.ForgoRepeat();
        }
    }

    /// <summary>A handshake's question, which a node that is down answers once it is up.</summary>
    private void AskForAge(SimulatedConnection connection)
    {
        if (connection.IsEnded || connection.IsMute || connection.Age is not null)
        {
            return;
        }

        if (!_node.IsUp)
        {
            _world.At(_world.Now + _world.Plan.Latency, () => AskForAge(connection));
            return;
        }

        connection.Age = _node.Age;
        _client.Post(_world.Now + _world.Plan.Latency, () => Introduce(connection));
    }

    /// <summary>In front of the first reply of a connection stands what its handshake has learned.</summary>
    private void Introduce(SimulatedConnection connection)
    {
        if (connection.Age is { } age && !connection.IsIntroduced && !connection.IsEnded && !connection.IsMute)
        {
            connection.IsIntroduced = true;
            _server = new RespServer
            {
                RunId = age.RunId,
                Uptime = age.LeastUptime,
                StartedByTicks = TimeProvider.GetTimestamp() - (age.LeastUptime.Ticks * TimeSpan.NanosecondsPerTick),
            };
            Introduced?.Invoke();
        }
    }

    private static void Hand(ReplyHandler handler, long tag, string wire)
    {
        RespReader reader = new();
        if (reader.TryRead(Encoding.ASCII.GetBytes(wire), out RespReply reply, out _) != RespReadStatus.Done)
        {
            throw new InvalidOperationException($"The simulated reply '{wire}' is no frame.");
        }

        handler.OnReply(tag, reply);
    }

    private void Tell(SimulatedRequest request, RequestFailure failure)
    {
        if (request.Handler is { } handler)
        {
            request.Handler = null;
            _world.Note(_client.Name, "is told", $"{_node.Name}: {failure}");
            handler.OnFailure(request.Tag, failure);
        }
    }

    private long Latency()
    {
        long usual = _world.Plan.Latency;
        return _world.IsOn(Fault.Latency) && _random.Chance(0.04)
            ? usual + _random.Below((long)(1.2 * _world.Plan.ExpiryNanoseconds))
            : (usual / 2) + _random.Below(usual);
    }

    private static bool IsElsewhere(RespTicket ticket, SimulatedConnection connection) =>
        ticket.IsTaken && ticket.Connection != connection.Number;
}
