namespace Redlock.Fast.Simulation;

/// <summary>
/// Once everything is well, several callers a client want the same names at the same time, with delays so long that polling would not help.
/// </summary>
/// <remarks>
/// So what is due to wakes, successions and expiries alone shows: a name that became free is asked for at once, it costs few frames, and no
/// process starves another.
/// </remarks>
internal sealed class Crowd(World world)
{
    /// <summary>The wait between two tries, in expiries.</summary>
    public const int DelayExpiries = 6;

    private const int Callers = 2;

    // Long lines in one process, now and then: whoever is passed over must be there.
    private const int ManyCallers = 4;
    private const int Cycles = 3;
    private const int GreedyCycles = 25;

    // Long enough for some delays, and for everybody to be served who may come first.
    private const int WaitExpiries = 30;
    private const int TurnLatencies = 15;

    // Three by succession, some until the others hear, and chance: who meets others steps back for a random time, while turns pass. Ten in
    // a row are seen once in some ten thousand runs. A clock that runs slow learns later that somebody has walked away.
    private const int MostTurnsInARow = 15;

    // Two callers of one process that never have enough hand it to each other.
    private const int MoreTurnsOfAPair = 3;

    private readonly Dictionary<string, Turns> _turns = [];
    private int _waiting;
    private int _mostTurnsInARow;
    private long _waitNanoseconds;

    /// <summary>When it is over at the latest, once it has begun.</summary>
    public long LongestNanoseconds => 3 * _waitNanoseconds;

    private TimeSpan Wait => TimeSpan.FromTicks(_waitNanoseconds / TimeSpan.NanosecondsPerTick);

    public IEnumerable<Task> Run(SeededRandom random)
    {
        int callers = random.Chance(0.15) ? ManyCallers : Callers;

        // Where lines are long, every turn that others miss is as many successions as are allowed.
        _mostTurnsInARow = MostTurnsInARow * callers / Callers;
        int turns = (world.Clients.Length * callers * Cycles) + (2 * GreedyCycles);
        _waitNanoseconds = Math.Max(WaitExpiries * world.Plan.ExpiryNanoseconds, turns * TurnLatencies * world.Plan.Latency);
        int greedy = 0;
        foreach (SimulatedClient client in world.Clients)
        {
            for (int caller = 0; caller < callers && !client.IsDisposed; caller++)
            {
                SeededRandom own = new(random.NextBits());
                RedlockMutex mutex = client.Patient[caller % client.Patient.Length];
                bool isGreedy = caller < 2 && client == world.Clients[0] && own.Chance(0.5);
                greedy += isGreedy ? 1 : 0;
                _mostTurnsInARow *= isGreedy && greedy == 2 ? MoreTurnsOfAPair : 1;
                yield return isGreedy ? GrabAsync(client, mutex, own) : WorkAsync(client, mutex, own);
            }
        }
    }

    private async Task WorkAsync(SimulatedClient client, RedlockMutex mutex, SeededRandom random)
    {
        _waiting++;
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            await client.Nap(random.Below(8 * world.Plan.Latency));
            bool isShort = random.Chance(0.2);
            long shortMicroseconds = 1 + random.Below(10 * world.Plan.Latency / 1000);
            TimeSpan wait = isShort ? TimeSpan.FromMicroseconds(shortMicroseconds) : Wait;
            CancellationTokenSource? cancellation = random.Chance(0.15) ? new CancellationTokenSource() : null;
            if (cancellation is not null)
            {
                client.Post(world.Now + random.Below(10 * world.Plan.Latency), cancellation.Cancel);
            }

            try
            {
                LockResult result = await client.Take(mutex.TryLockAsync(wait, cancellation?.Token ?? CancellationToken.None));
                if (result.IsAcquired)
                {
                    await HoldAsync(client, mutex, result.Token, random.Below(6 * world.Plan.Latency), random.Chance(0.1));
                }
                else if (!isShort && world.Waiting.IsOn)
                {
                    world.Fail(Invariant.Recovers, $"{client.Name} waited for {mutex.Name} for {wait} in a healthy world: {result.Status}");
                }
            }
            catch (OperationCanceledException) when (cancellation is { IsCancellationRequested: true })
            {
                world.Note(client.Name, "is cancelled");
            }
        }

        _waiting--;
    }

    /// <summary>Wants the lock again as soon as it has released it.</summary>
    private async Task GrabAsync(SimulatedClient client, RedlockMutex mutex, SeededRandom random)
    {
        for (int cycle = 0; cycle < GreedyCycles && (cycle == 0 || _waiting > 0); cycle++)
        {
            LockResult result = await client.Take(mutex.TryLockAsync(Wait, CancellationToken.None));
            if (result.IsAcquired)
            {
                // Long enough for another one of its process to stand in line by the time it releases.
                long hold = (2 * world.Plan.Latency) + random.Below(2 * world.Plan.Latency);
                await HoldAsync(client, mutex, result.Token, hold, walksAway: false);
            }
            else if (world.Waiting.IsOn)
            {
                world.Fail(Invariant.Recovers, $"{client.Name} waited for {mutex.Name} in a healthy world: {result.Status}");
            }
        }
    }

    private async Task HoldAsync(SimulatedClient client, RedlockMutex mutex, LockToken token, long nanoseconds, bool walksAway)
    {
        world.Ledger.Claim(client, mutex.Name, token);
        NoteTurn(client, mutex.Name);
        await client.Nap(nanoseconds);
        if (walksAway)
        {
            world.Note(client.Name, "walks away from", token.Value);
            return;
        }

        world.Ledger.End(token.Value);
        if (mutex.Options.Release == ReleaseMode.Posted)
        {
            mutex.PostUnlock(token);
            world.Ledger.Released(client, mutex.Name, token.Value);
            return;
        }

        ValueTask<UnlockStatus> release = mutex.UnlockAsync(token, CancellationToken.None);
        world.Ledger.Released(client, mutex.Name, token.Value);
        await client.Take(release);
    }

    private void NoteTurn(SimulatedClient client, string key)
    {
        if (!_turns.TryGetValue(key, out Turns? turns))
        {
            _turns.Add(key, turns = new Turns());
        }

        if (turns.Last != client)
        {
            (turns.Last, turns.InARow, turns.Since) = (client, 0, world.Now);
        }

        turns.InARow++;
        world.Waiting.NoteServed(key);
        if (!world.Waiting.IsOn || world.Plan.Has(Fault.Clocks) || turns.InARow <= _mostTurnsInARow)
        {
            return;
        }

        foreach (SimulatedClient other in world.Clients)
        {
            if (other != client && other.Lines.WaitedSince(key) < turns.Since)
            {
                world.Fail(
                    Invariant.NobodyStarves,
                    $"{client.Name} has {key} for the {turns.InARow}th time in a row, and {other.Name} waits since "
                    + $"{other.Lines.WaitedSince(key) / 1e6:0.000} ms");
            }
        }
    }

    private sealed class Turns
    {
        public SimulatedClient? Last { get; set; }

        public int InARow { get; set; }

        public long Since { get; set; }
    }
}
