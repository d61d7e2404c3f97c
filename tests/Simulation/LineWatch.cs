using System.Runtime.CompilerServices;

namespace Redlock.Fast.Simulation;

/// <summary>Looks at the lines of one client after each thing that happens in it: who came first, who was served, who asks.</summary>
internal sealed class LineWatch(SimulatedClient client, RedlockFactory factory)
{
    // The longest limit that a caller has.
    private const int MostSuccessions = 16;

    private readonly Dictionary<string, int> _successions = [];
    private readonly Lines _lines = CoreOf(factory).Lines;
    private readonly Dictionary<string, Standing> _standings = [];

    /// <summary>Somebody of this client asks a node for a key, whatever becomes of it.</summary>
    public void NoteAsked(string key, bool isTaken)
    {
        Standing standing = StandingOf(key);
        standing.AskedAt = client.World.Now;
        standing.RefusedAt = isTaken ? standing.RefusedAt : client.World.Now;
    }

    /// <summary>After so many that handed it on to each other others had their turn, whatever the callers' own limits are.</summary>
    public void NoteSuccession(SimulatedRequest request)
    {
        if (request.Predecessor is not { } predecessor)
        {
            return;
        }

        int before = _successions.GetValueOrDefault(predecessor);
        _successions[request.Owner] = before + 1;
        if (before == MostSuccessions)
        {
            client.World.Fail(
                Invariant.NobodyStarves, $"{client.Name} has handed {request.Key} on within itself {before + 1} times in a row");
        }
    }

    /// <summary>Since when somebody is the head of a key's line; the end of time if nobody is.</summary>
    public long HeadSince(string key) =>
        StandingOf(key) is { Head: not null, WasRefused: false } standing ? standing.HeadSince : long.MaxValue;

    /// <summary>Since when somebody waits for a key without interruption; the end of time if nobody does.</summary>
    public long WaitedSince(string key) =>
        StandingOf(key) is { Order.Count: > 0, WasRefused: false } standing ? standing.WaitedSince : long.MaxValue;

    public long AskedAt(string key) => StandingOf(key).AskedAt;

    /// <summary>Whether the head of a key's line met others, and gives way for a while.</summary>
    public bool IsBackingOff(string key) =>
        ByKey(_lines).Values.Any(line => line.Mutex!.Name == key && line.Head is not null && line.IsBackingOff(CoreOf(factory).NowTicks));

    /// <summary>Who came before is served before.</summary>
    public void Look()
    {
        foreach (RedlockMutex mutex in client.Mutexes)
        {
            Look(mutex);
        }
    }

    /// <summary>A head asks at the end of its delay at the latest.</summary>
    public void CheckAsking()
    {
        World world = client.World;
        foreach (RedlockMutex mutex in client.Mutexes)
        {
            Standing standing = StandingOf(mutex.Name);
            if (standing.Head is not { } head || client.IsDisposed)
            {
                continue;
            }

            // Its own delay, and what it may be in the middle of when that ends.
            long since = Math.Max(Math.Max(standing.HeadSince, standing.AskedAt), client.HeldUpUntil);
            double longest = (1.5 * standing.DelayNanoseconds) + (3.0 * mutex.Definition.NodeLimitTicks) + client.Slack;
            if (!client.IsHeldUp && world.Now - since > longest * (1 + world.Plan.Factor))
            {
                world.Fail(
                    Invariant.NobodyIsForgotten,
                    $"{client.Name} has a head in the line of {mutex.Name} that has asked nobody for {(world.Now - since) / 1e6:0.000} ms "
                    + $"({(head.IsAsleep ? "asleep" : "awake")})");
            }
        }
    }

    private void Look(RedlockMutex mutex)
    {
        Standing standing = StandingOf(mutex.Name);
        ByKey(_lines).TryGetValue(mutex.Definition, out Line? line);
        LockOperation? head = line?.Head;
        if (head is null && standing.Order.Count == 0)
        {
            return;
        }

        List<LockOperation> known = standing.Order;
        for (int place = 0; place < known.Count; place++)
        {
            LockOperation waiter = known[place];
            if (waiter.Line is not null)
            {
                continue;
            }

            if (waiter.Status == LockStatus.Acquired && place > 0)
            {
                client.World.Fail(
                    Invariant.FirstComeFirstServed,
                    $"{client.Name} gave {mutex.Name} to number {place + 1} of its line, and the first still waits");
            }

            known.RemoveAt(place--);
        }

        int before = known.Count;
        for (LockOperation? waiter = head; waiter is not null; waiter = waiter.Behind)
        {
            if (!known.Contains(waiter))
            {
                known.Add(waiter);
            }
        }

        standing.Look(client.World.Now, before == 0);
    }

    private Standing StandingOf(string key)
    {
        if (!_standings.TryGetValue(key, out Standing? standing))
        {
            _standings.Add(key, standing = new Standing());
        }

        return standing;
    }

    /// <summary>Whose acquisition the frames of a succession are.</summary>
    public static object OperationOf(object handler) => handler is Succession succession ? SuccessorOf(succession)! : handler;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_core")]
    private static extern ref FactoryCore CoreOf(RedlockFactory factory);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_byKey")]
    private static extern ref Dictionary<MutexDefinition, Line> ByKey(Lines lines);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_successor")]
    private static extern ref QuorumOperation? SuccessorOf(Succession succession);

    /// <summary>What is known of one line.</summary>
    private sealed class Standing
    {
        /// <summary>Who stands in it, in the order in which they were first seen there.</summary>
        public List<LockOperation> Order { get; } = [];

        public LockOperation? Head { get; private set; }

        public long HeadSince { get; private set; }

        public long WaitedSince { get; private set; }

        public long DelayNanoseconds { get; private set; }

        public long AskedAt { get; set; }

        /// <summary>When a node did not take what was asked.</summary>
        public long RefusedAt { get; set; } = -1;

        /// <summary>Whether a node did not take what was asked last: in an outage whoever waits polls, by design.</summary>
        public bool WasRefused => RefusedAt == AskedAt;

        public void Look(long now, bool wasEmpty)
        {
            LockOperation? first = Order.Count == 0 ? null : Order[0];
            WaitedSince = wasEmpty ? now : WaitedSince;
            if (Head != first)
            {
                Head = first;
                HeadSince = now;
                DelayNanoseconds = first is null ? 0 : first.Definition.Options.Delay.Ticks * TimeSpan.NanosecondsPerTick;
            }
        }
    }
}
