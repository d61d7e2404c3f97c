namespace Redlock.Fast.Simulation;

/// <summary>One run of one seed: clients with the library in them, nodes, links between them, on one thread in virtual time.</summary>
internal sealed class World
{
    // As many threads may be in the middle of something at a time; each is a level of this one's stack.
    private const int MostThreadsAtOnce = 3;

    // Some thousand at one moment happen: all callers of all clients, over all nodes. More is something that asks for the same moment again
    // and again.
    private const int MostEventsAtOneMoment = 1_000_000;

    private readonly EventQueue _events = new();
    private readonly History _history;
    private readonly List<Task> _calls = [];
    private long _eventCount;
    private int _eventsAtThisMoment;
    private int _depth;

    public World(SimulationPlan plan, TextWriter? trace)
    {
        Plan = plan;
        _history = new History(trace);
        Ledger = new Ledger(this);
        Waiting = new FreeNames(this);
        Fences = new FenceWatch(this);
        SeededRandom random = new(plan.Seed);
        Nodes = new SimulatedNode[plan.Nodes];
        for (int node = 0; node < Nodes.Length; node++)
        {
            SeededRandom own = random.Fork(RandomStream.Node, node);
            Nodes[node] = new SimulatedNode(this, node, Clock(own), own);
        }

        Clients = new SimulatedClient[plan.Clients];
        for (int client = 0; client < Clients.Length; client++)
        {
            SeededRandom own = random.Fork(RandomStream.Program, client);
            Clients[client] = new SimulatedClient(this, client, Clock(own), Nodes, own);
        }
    }

    public SimulationPlan Plan { get; }

    public SimulatedNode[] Nodes { get; }

    public SimulatedClient[] Clients { get; }

    public Ledger Ledger { get; }

    public FreeNames Waiting { get; }

    public FenceWatch Fences { get; }

    /// <summary>True time in nanoseconds.</summary>
    public long Now { get; private set; }

    public bool IsHealed { get; private set; }

    public Violation? Violation { get; private set; }

    public static SimulationResult Run(SimulationPlan plan, TextWriter? trace = null) => new World(plan, trace).RunToEnd();

    public SimulationResult RunToEnd()
    {
        try
        {
            RunAllPhases();
        }
        catch (Exception fault)
        {
            Fail(Invariant.CallsEnd, $"something threw into a thread of the library: {fault}");
        }

        ulong history = _history.Hash;
        foreach (SimulatedClient client in Clients)
        {
            client.Leave();
        }

        return new SimulationResult(Violation, history, _eventCount, Ledger.Claims, Fences.LostGrowth);
    }

    /// <summary>Whether a fault may strike now.</summary>
    public bool IsOn(Fault fault) => !IsHealed && Plan.Has(fault);

    public void At(long time, Action action) => _events.Add(time, action);

    public void Note(string who, string what, string detail = "") => _history.Note(Now, who, what, detail);

    public void Fail(Invariant invariant, string text)
    {
        if (Violation is null)
        {
            Violation = new Violation(invariant, Now, text);
            Note("invariant", invariant.ToString(), text);
        }
    }

    /// <summary>Lets time pass and everything else happen while one thread of the library is between two of its calls.</summary>
    public void PassTime(long nanoseconds)
    {
        if (_depth < MostThreadsAtOnce)
        {
            _depth++;
            RunUntil(Math.Min(Now + nanoseconds, Plan.HealAt));
            _depth--;
        }
    }

    private void RunAllPhases()
    {
        SeededRandom random = new(Plan.Seed);
        foreach (SimulatedClient client in Clients)
        {
            for (int caller = 0; caller < Plan.CallersAClient; caller++)
            {
                SeededRandom own = random.Fork(RandomStream.Program, 1000 + (Array.IndexOf(Clients, client) * 10) + caller);
                _calls.Add(new Caller(client, own).RunAsync());
            }
        }

        Nemesis.Prepare(this, random.Fork(RandomStream.Pause));
        CheckAskingSometimes();
        RunUntil(Plan.HealAt);
        IsHealed = true;
        Note("world", "heals");
        foreach (SimulatedNode node in Nodes)
        {
            node.Resume();
            node.Open();
        }

        foreach (SimulatedClient client in Clients)
        {
            client.Heal();
        }

        RunUntil(Plan.End);
        CheckCalls("has not ended when everything was well for long");
        CheckPosted();
        Ledger.GiveUpUnclaimed();
        _calls.Clear();
        if (Violation is null)
        {
            _calls.Add(Probe.RunAsync(this));
            RunUntil(Plan.End + (Clients.Length * Plan.Names * Probe.CallsAName * Plan.ExpiryNanoseconds));
            CheckCalls("in a healthy world has not ended");
        }

        if (Violation is null && !Plan.ExclusionOnly)
        {
            Crowd crowd = new(this);
            // Neither where nobody is woken.
            Waiting.IsOn = !Plan.Has(Fault.RefusedChannels) && Array.TrueForAll(Nodes, node => node.ScriptsKnown.Deletion is null);
            _calls.Clear();
            _calls.AddRange(crowd.Run(random.Fork(RandomStream.Crowd)));
            if (Plan.GoesThroughBytes && Array.Find(Clients, client => !client.IsDisposed) is { } keeper)
            {
                _calls.Add(new KeptLock(this, keeper).RunAsync(Task.WhenAll(_calls.ToArray())));
            }

            RunUntil(Now + crowd.LongestNanoseconds);
            CheckCalls("among many in a healthy world has not ended");
            CheckPosted();
        }
    }

    private void CheckAskingSometimes() => At(Now + (Plan.ExpiryNanoseconds / 4), () =>
    {
        foreach (SimulatedClient client in Plan.ExclusionOnly ? [] : Clients)
        {
            client.Lines.CheckAsking();
            client.CheckPaths();
        }

        if (Now < Plan.End)
        {
            CheckAskingSometimes();
        }
    });

    private void RunUntil(long until)
    {
        while (Violation is null && _events.TryTake(until, out long time, out Action action))
        {
            _eventsAtThisMoment = time > Now ? 0 : _eventsAtThisMoment + 1;
            Now = Math.Max(Now, time);
            _eventCount++;
            if (_eventsAtThisMoment > MostEventsAtOneMoment)
            {
                Fail(Invariant.TimePasses, $"{MostEventsAtOneMoment} events at one moment, and there are more");
                return;
            }

            action();
        }

        Now = Math.Max(Now, Violation is null ? until : Now);
    }

    private void CheckCalls(string complaint)
    {
        foreach (Task call in _calls)
        {
            if (call.IsFaulted)
            {
                Fail(Invariant.CallsEnd, call.Exception.InnerException!.ToString());
            }
            else if (!call.IsCompletedSuccessfully)
            {
                Fail(Invariant.CallsEnd, $"a call {complaint}");
            }
        }
    }

    private void CheckPosted()
    {
        foreach (SimulatedClient client in Clients)
        {
            if (client.ArePostedPending)
            {
                Fail(Invariant.CallsEnd, $"a release that {client.Name} has posted has not ended");
            }
        }
    }

    /// <summary>A clock at one end or somewhere within the drift allowance, so that any two differ by no more than it.</summary>
    private SkewedClock Clock(SeededRandom random)
    {
        const long Million = 1_000_000;
        const long Hour = 3600 * VirtualTime.Frequency;
        long most = (long)(Plan.Factor * Million / 2);
        long rate = random.Pick(-most, most, random.Below(2 * most) - most);
        return new SkewedClock(Hour + random.Below(Hour), Plan.Has(Fault.Clocks) ? rate : 0);
    }
}

/// <summary>What came of a run.</summary>
/// <param name="LostGrowth">How often a fencing token did not grow because nodes had lost their data.</param>
internal sealed record SimulationResult(Violation? Violation, ulong Hash, long Events, int Claims, int LostGrowth);
