using System.Globalization;

namespace Redlock.Fast.Simulation;

/// <summary>One Redis: keys with an expiry on its own clock, the two scripts, and its bad days.</summary>
internal sealed partial class SimulatedNode(World world, int index, SkewedClock clock, SeededRandom random)
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1000 * Millisecond;
    private const long Hour = 3600 * Second;
    private static readonly string[] _errors =
    [
        "-LOADING Redis is loading the dataset in memory\r\n", "-BUSY Redis is busy running a script\r\n",
        "-OOM command not allowed when used memory > 'maxmemory'\r\n", "-MISCONF can't persist\r\n", "-READONLY You can't write\r\n",
    ];

    private readonly Dictionary<string, Entry> _keys = [];
    private readonly Dictionary<string, string> _setBy = [];
    private readonly FenceCounters _counters = new(world);
    private readonly Queue<Action> _inbox = [];
    private readonly List<(string Channel, INodeListener Listener)> _subscribers = [];
    private readonly HashSet<string> _refusedReleases = [];
    private readonly HashSet<string> _removed = [];
    private readonly HashSet<string> _returned = [];
    private readonly Dictionary<string, long> _removedAt = [];
    private bool _knowsScripts = true;
    private readonly bool _refusesListeners = Refuses(world.Plan, 2 * index);
    private readonly bool _refusesToPublish = Refuses(world.Plan, (2 * index) + 1);
    private bool _isStalled;

    // Long before the run.
    private long _startedAt = -Hour;

    public string Name { get; } = $"node{index}";

    /// <summary>Whether it can be reached.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>How often it went down.</summary>
    public int Lives { get; private set; }

    /// <summary>What it says of itself now.</summary>
    public ServerAge Age => new($"{Name}-{Lives}", (clock.Read(world.Now) / Second) - (clock.Read(_startedAt) / Second));

    /// <summary>Which scripts it can run, where they are loaded by bytes.</summary>
    public NodeScripts ScriptsKnown { get; } = NodeScripts.Of(world.Plan, index);

    /// <summary>Why it lets nobody in now.</summary>
    public LoginTrouble Trouble { get; private set; }

    /// <summary>The owner of a key now, or null.</summary>
    public string? OwnerOf(string key) => Find(key)?.Owner;

    /// <summary>Whether a frame of this client has made the key its owner's: of one that was handed on, another's may come late.</summary>
    public bool IsSetBy(SimulatedClient client, string key) =>
        _setBy.TryGetValue(key, out string? sender) && sender.StartsWith($"{client.Name}#", StringComparison.Ordinal);

    /// <summary>When a key stops being this owner's, in true time; zero if it is not his.</summary>
    public long HeldUntil(string key, string owner) =>
        Find(key) is { } entry && entry.Owner == owner ? clock.TrueTimeOf((entry.ExpiresAt + 1) * Millisecond) : 0;

    /// <summary>Whether a release of this owner was answered with an error, so that his key may stay until it expires.</summary>
    public bool HasRefusedToRelease(string owner) => _refusedReleases.Contains(owner);

    /// <summary>Whether a frame of a connection that was over has set this owner's key again, behind what had removed it.</summary>
    public bool HasReturned(string owner) => _returned.Contains(owner);

    /// <summary>Since when a key is free, in true time; the end of time if it is not.</summary>
    public long FreeSince(string key) =>
        Find(key) is not null ? long.MaxValue : _keys.ContainsKey(key) ? EndOf(key) : _removedAt.GetValueOrDefault(key);

    /// <summary>How far the holders of a key are counted now.</summary>
    public long CounterOf(string key) => _counters.Read($"{{{key}}}:fence", Now);

    /// <summary>When a key that is there expires, in true time.</summary>
    public long EndOf(string key) => clock.TrueTimeOf((_keys[key].ExpiresAt + 1) * Millisecond);

    /// <summary>A frame has arrived.</summary>
    public void Receive(SimulatedConnection connection, SimulatedRequest request) => Receive(() =>
    {
        if (!request.IsLost && IsUp)
        {
            FrameSender sender = new($"{connection.Client}#{connection.Number}", connection.IsEnded);
            Execute(sender, request, reply => connection.Executed(request, reply));
        }
    });

    /// <summary>Something has arrived: it is handled behind what has arrived before, once the node goes on.</summary>
    public void Receive(Action command)
    {
        if (_isStalled || _inbox.Count > 0)
        {
            _inbox.Enqueue(command);
        }
        else
        {
            command();
        }
    }

    /// <summary>Executes a command that has arrived, and answers it.</summary>
    public void Execute(FrameSender sender, SimulatedRequest request, Action<string> answer)
    {
        string? before = OwnerOf(request.Key);
        string reply = Answer(request);
        if (before != request.Owner && OwnerOf(request.Key) == request.Owner)
        {
            _setBy[request.Key] = sender.Name;
            if (sender.IsOver && _removed.Contains(request.Owner))
            {
                _returned.Add(request.Owner);
            }
        }

        request.IsExecuted = true;
        world.Note(Name, request.Verb, $"{request.Owner} of {sender.Name}: {reply.TrimEnd()}");
        answer(reply);
        if (before is not null && OwnerOf(request.Key) != before)
        {
            _removed.Add(before);
            world.Ledger.CheckBacking(request.Key);
        }
    }

    /// <summary>Somebody wishes to hear what is published, or not to hear it any more.</summary>
    public void ReceiveWish(SimulatedSubscriber.Connection connection, string channel, long number) => Receive(() =>
    {
        if (!IsUp || connection.IsEnded)
        {
            return;
        }

        if (number == SimulatedSubscriber.NoNumber)
        {
            Forget(channel, connection);
        }
        else if (TryListen(channel, connection))
        {
            connection.Say(subscriber => subscriber.HearConfirmation(number));
        }
        else
        {
            connection.Say(subscriber => subscriber.HearRefusal(number));
        }
    });

    /// <summary>Somebody hears a channel from now on.</summary>
    /// <returns>False if the node refuses to be listened to.</returns>
    public bool TryListen(string channel, INodeListener listener)
    {
        if (_refusesListeners)
        {
            return false;
        }

        Forget(channel, listener);
        _subscribers.Add((channel, listener));
        return true;
    }

    /// <summary>A connection does not hear a channel any more.</summary>
    public void Forget(string channel, INodeListener listener) => _subscribers.RemoveAll(known => known == (channel, listener));

    /// <summary>A connection is gone, and with it what it listened to.</summary>
    public void Forget(INodeListener listener) => _subscribers.RemoveAll(known => known.Listener == listener);

    /// <summary>Somebody else, who knows nothing of waiting, takes a key if it is free.</summary>
    public bool TryTakeForStranger(string key, string owner, long milliseconds)
    {
        if (!IsUp || _isStalled || Find(key) is not null)
        {
            return false;
        }

        _keys[key] = new Entry { Owner = owner, ExpiresAt = Now + milliseconds };
        return true;
    }

    /// <summary>The stranger gives up his key, and nothing else.</summary>
    public void ReleaseForStranger(string key, string owner)
    {
        if (IsUp && OwnerOf(key) == owner)
        {
            Remove(key);
        }
    }

    /// <summary>What a request was to take away may stay until it expires.</summary>
    public void NoteRefusedRelease(SimulatedRequest request)
    {
        if (request.IsRelease)
        {
            _refusedReleases.Add(request.Owner);
        }

        if (request.Predecessor is { } predecessor)
        {
            _refusedReleases.Add(predecessor);
        }
    }

    public void Stall(long nanoseconds)
    {
        if (!_isStalled && IsUp)
        {
            _isStalled = true;
            world.Note(Name, "stalls", "");
            world.At(world.Now + nanoseconds, Resume);
        }
    }

    public void Resume()
    {
        if (_isStalled)
        {
            _isStalled = false;
            world.Note(Name, "goes on", "");
            while (_inbox.TryDequeue(out Action? next))
            {
                next();
            }
        }
    }

    public void FlushScripts()
    {
        _knowsScripts = false;
        ScriptsKnown.Forget();
        world.Note(Name, "forgets its scripts", "");
    }

    /// <summary>Lets nobody in for a while.</summary>
    public void Close(LoginTrouble trouble, long nanoseconds)
    {
        world.Note(Name, "lets nobody in", trouble.ToString());
        Trouble = trouble;
        world.At(world.Now + nanoseconds, Open);
    }

    /// <summary>Lets everybody in.</summary>
    public void Open() => Trouble = LoginTrouble.None;

    /// <summary>A connection's handshake.</summary>
    public void LoadScripts() => _knowsScripts = true;

    public void StepClock(long nanoseconds)
    {
        clock.StepForward(nanoseconds);
        world.Note(Name, "clock leaps", "");
    }

    /// <summary>Goes down, and comes back, with its keys or without.</summary>
    public void Restart(long downNanoseconds, NodeKeys keys)
    {
        IsUp = _isStalled = false;
        Lives++;
        ScriptsKnown.Forget();
        _inbox.Clear();
        _subscribers.Clear();
        world.Note(Name, "goes down", "");
        world.At(world.Now + downNanoseconds, () =>
        {
            if (keys == NodeKeys.Lost)
            {
                _keys.Clear();
                _counters.Clear();
                world.Fences.NoteDataLost();
            }

            IsUp = true;
            _startedAt = world.Now;
            world.Note(Name, keys == NodeKeys.Lost ? "is back without keys" : "is back", "");
        });
    }

    private static bool Refuses(SimulationPlan plan, int place) =>
        plan.Has(Fault.RefusedChannels) && new SeededRandom(plan.Seed).Fork(RandomStream.Wakes, place).Chance(0.3);

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private long Now => clock.Read(world.Now) / Millisecond;

    private Entry? Find(string key) => _keys.TryGetValue(key, out Entry? entry) && entry.ExpiresAt >= Now ? entry : null;

    private sealed class Entry
    {
        public required string Owner { get; init; }

        public long ExpiresAt { get; set; }
    }
}

/// <summary>What becomes of a node's keys when it goes down.</summary>
internal enum NodeKeys
{
    Lost = 0,
    Kept,
}
