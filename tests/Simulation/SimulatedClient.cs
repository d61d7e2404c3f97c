namespace Redlock.Fast.Simulation;

/// <summary>One process with the library in it: a clock, a factory over its own links, a few callers.</summary>
internal sealed partial class SimulatedClient : IDisposable
{
    private readonly SeededRandom _random;
    private readonly Queue<Action> _heldUp = [];
    private readonly Queue<Action> _heldUpCallers = [];
    private readonly HashSet<string> _released = [];
    private readonly RedlockFactory _factory;
    private readonly SimulatedPath[] _channels;
    private CancellationTokenSource? _cancelDuringSends;
    private int _sendsUntilCancel;
    private int _threadsHeldUp;
    private bool _isDisposedInSend;

    public SimulatedClient(World world, int index, SkewedClock clock, SimulatedNode[] nodes, SeededRandom random)
    {
        World = world;
        Name = $"client{index}";
        Clock = clock;
        Time = new VirtualTime(this, clock, new WallClock(random.Fork(RandomStream.WallClock)));
        _random = random.Fork(RandomStream.Resumption);
        _channels = new SimulatedPath[nodes.Length];
        for (int node = 0; node < nodes.Length; node++)
        {
            SeededRandom link = random.Fork(RandomStream.Link, node);
            _channels[node] = world.Plan.GoesThroughBytes
                ? new BytePath(world, this, nodes[node], link)
                : new SimulatedChannel(world, this, nodes[node], link);
        }

        _factory = new RedlockFactory(
            _channels,
            [],
            new SeededOwnerIds(random.Fork(RandomStream.OwnerIds)),
            random.Fork(RandomStream.Jitter),
            item => Post(World.Now + Hop(), item.Execute),
            new RedlockOptions { RestartQuarantine = world.Plan.Has(Fault.RestartInQuarantine) ? world.Plan.Expiry : TimeSpan.Zero });
        Lines = new LineWatch(this, _factory);
        SimulationPlan plan = world.Plan;
        Mutexes = new RedlockMutex[plan.Names];
        Twins = new RedlockMutex[plan.Names];
        Patient = new RedlockMutex[plan.Names];
        for (int name = 0; name < Mutexes.Length; name++)
        {
            MutexOptions options = new()
            {
                Expiry = plan.Expiry,
                Tries = 4,
                Delay = plan.Expiry / 8,
                Factor = plan.Factor,
                NodeTimeLimit = plan.NodeTimeLimit,
                Quorum = plan.Quorum,
                Renew = random.Chance(0.15) ? RenewOptions.Every(random.Pick(0.2, 0.5), plan.Expiry * 1.5) : null,
                Continuation = random.Pick(ContinuationMode.Inline, ContinuationMode.Inline, ContinuationMode.Inline, default),
                SuccessionLimit = random.Pick(0, 1, 2, 16, 16),
                Release = random.Pick(ReleaseMode.Confirmed, ReleaseMode.Posted),
                Fenced = plan.IsFenced,
            };
            Mutexes[name] = _factory.CreateMutex(NameOf(name), options);
            Twins[name] = _factory.CreateMutex(NameOf(name), options with
            {
                Delay = plan.Expiry / random.Pick(2, 8, 32),
                WaitLimit = plan.Expiry * random.Pick(0.05, 0.5, 2),
                SuccessionLimit = random.Pick(0, 1, 2, 16, 16),
            });
            Patient[name] = _factory.CreateMutex(NameOf(name), options with
            {
                Delay = plan.Expiry * Crowd.DelayExpiries,
                SuccessionLimit = 2,
                Renew = null,
                Continuation = ContinuationMode.Inline,
            });
        }
    }

    public World World { get; }

    public string Name { get; }

    public SkewedClock Clock { get; }

    public VirtualTime Time { get; }

    public RedlockMutex[] Mutexes { get; }

    /// <summary>Other objects of the same names, whose calls wait for a time.</summary>
    public RedlockMutex[] Twins { get; }

    /// <summary>Objects of the same names that hardly ask without a reason.</summary>
    public RedlockMutex[] Patient { get; }

    /// <summary>Who waits here.</summary>
    public LineWatch Lines { get; }

    /// <summary>Whether a release that nobody waits for has not ended.</summary>
    public bool ArePostedPending => _factory.ArePostedPending;

    /// <summary>Until when this process, or a thread of it, was last held up, in true time.</summary>
    public long HeldUpUntil { get; private set; }

    /// <summary>Whether this process, or a thread of it, is held up now.</summary>
    public bool IsHeldUp => IsPaused || AreCallersPaused || IsSenderHeldUp;

    /// <summary>Whether a thread is in the middle of what it sends.</summary>
    public bool IsSenderHeldUp => _threadsHeldUp > 0;

    /// <summary>What hops between threads and the grain of timers add to a time, in nanoseconds.</summary>
    public long Slack => World.Plan.Latency + 4_000_000;

    /// <summary>Values of tokens that others have handed over, with their mutex.</summary>
    public Queue<(int Mutex, string Value)> Parcels { get; } = [];

    /// <summary>The owners of locks that are renewed or watched here: they are lost, and released, when the factory ends.</summary>
    public HashSet<string> Kept { get; } = [];

    /// <summary>The owners of locks that went on elsewhere, or here under another token: whoever heals one does not know its end.</summary>
    public HashSet<string> HandedOn { get; } = [];

    /// <summary>The whole process stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Only the callers stand still; replies and timers are handled.</summary>
    public bool AreCallersPaused { get; private set; }

    public bool IsDisposed { get; private set; }

    public static string NameOf(int name) => $"door{name}";

    /// <summary>A mutex of another name, with what the plan says and nothing else.</summary>
    public RedlockMutex CreateMutex(string name) => _factory.CreateMutex(
        name,
        new MutexOptions
        {
            Fenced = World.Plan.IsFenced,
            Expiry = World.Plan.Expiry,
            Factor = World.Plan.Factor,
            NodeTimeLimit = World.Plan.NodeTimeLimit,
            Quorum = World.Plan.Quorum,
        });

    /// <summary>Runs something in this process, once it runs.</summary>
    public void Post(long time, Action action) => World.At(time, () => Run(action));

    /// <summary>Runs a caller, once it gets to run.</summary>
    public void Resume(Action continuation) => Post(World.Now + Hop(), () =>
    {
        if (AreCallersPaused)
        {
            _heldUpCallers.Enqueue(continuation);
        }
        else
        {
            continuation();
        }
    });

    public Resumption<T> Take<T>(ValueTask<T> result) => new(this, result);

    public Nap Nap(long nanoseconds) => new(this, nanoseconds);

    /// <summary>Looks at the connections of this process now and then.</summary>
    public void CheckPaths()
    {
        foreach (SimulatedPath channel in _channels)
        {
            channel.CheckSometimes();
        }
    }

    /// <summary>The run is over: what the process registered with others is taken back.</summary>
    public void Leave()
    {
        foreach (SimulatedPath channel in _channels)
        {
            channel.Leave();
        }
    }

    /// <summary>After a release or a failure: no link may leave this owner's key behind.</summary>
    public void Owe(string key, string owner)
    {
        _released.Add(owner);
        foreach (SimulatedPath channel in _channels)
        {
            channel.Owe(key, owner);
        }
    }

    /// <summary>Whether an owner was given up here, to nobody.</summary>
    public bool HasReleased(string owner) => _released.Contains(owner) && !HandedOn.Contains(owner);

    /// <summary>A node goes down.</summary>
    public void GoDown(int node) => _channels[node].GoDown();

    public void Dispose()
    {
        IsDisposed = true;
        World.Note(Name, "is disposed");
        foreach (string owner in Kept)
        {
            World.Ledger.End(owner);
        }

        bool factoryFirst = _random.Chance(0.5);
        if (factoryFirst)
        {
            _factory.Dispose();
        }

        foreach (SimulatedPath channel in _channels)
        {
            channel.Dispose();
        }

        _factory.Dispose();
    }

    public void Heal()
    {
        foreach (SimulatedPath channel in _channels)
        {
            channel.Heal();
        }

        GoOn();
    }

    private void Run(Action action)
    {
        // Behind what is held up already, also while that is being caught up with.
        if (IsPaused || _heldUp.Count > 0)
        {
            _heldUp.Enqueue(action);
        }
        else
        {
            action();
            Look();
        }
    }

    private void Look()
    {
        Lines.Look();
        if (World.Plan.GoesThroughBytes)
        {
            foreach (SimulatedPath channel in _channels)
            {
                channel.Look();
            }
        }
    }

    /// <summary>How long it takes until another thread of this process gets to run.</summary>
    public long Hop() => _random.Below(World.Plan.Latency / 4);
}
