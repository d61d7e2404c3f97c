namespace Redlock.Fast.Simulation;

/// <summary>Watches, in a healthy world, that a name that became free is asked for at once if anybody waits for it.</summary>
internal sealed class FreeNames(World world)
{
    // Attempts that meet each other back off, and each costs a frame a node.
    private const int MostAskedAClientAndNode = 10;

    private readonly Dictionary<string, int> _asked = [];
    private readonly HashSet<(SimulatedNode Node, string Key)> _withdrawn = [];

    /// <summary>Whether it watches: before, there are messages under way that are older than the peace.</summary>
    public bool IsOn { get; set; }

    /// <summary>A node is asked for a name.</summary>
    public void NoteAsked(string key)
    {
        if (IsOn)
        {
            int asked = _asked[key] = _asked.GetValueOrDefault(key) + 1;
            int most = MostAskedAClientAndNode * world.Clients.Length * world.Nodes.Length * ObstaclesInARow;
            if (asked > most)
            {
                world.Fail(Invariant.AskingIsBounded, $"{asked} frames have asked for {key} since somebody had it last");
            }
        }
    }

    /// <summary>Somebody has a name.</summary>
    public void NoteServed(string key) => _asked[key] = 0;

    /// <summary>What nobody ever had is gone from a node on which somebody waits: nothing wakes him, by design.</summary>
    public void NoteWithdrawn(SimulatedNode node, string key) => _withdrawn.Add((node, key));

    /// <summary>All who wait on a node were woken.</summary>
    public void NotePublished(SimulatedNode node, string key) => _withdrawn.Remove((node, key));

    /// <summary>A key was taken.</summary>
    public void NoteTaken(SimulatedNode node, string key)
    {
        if (IsOn)
        {
            // The mark of whoever sleeps there still stands, so this one's release wakes him.
            _withdrawn.Remove((node, key));
            Expect(key, node.EndOf(key));
        }
    }

    /// <summary>A key was released.</summary>
    public void NoteFreed(string key)
    {
        if (IsOn)
        {
            Expect(key, world.Now);
        }
    }

    private void Expect(string key, long freeFrom) => world.At(freeFrom + Longest, () =>
    {
        if (Array.Exists(world.Clients, client => !client.IsDisposed && client.Lines.IsBackingOff(key)))
        {
            Expect(key, world.Now);
            return;
        }

        long freeSince = 0;
        foreach (SimulatedNode node in world.Nodes)
        {
            freeSince = Math.Max(freeSince, node.FreeSince(key));
        }

        long waitedSince = long.MaxValue;
        long askedAt = 0;
        string waiting = "";
        foreach (SimulatedClient client in world.Clients)
        {
            if (!client.IsDisposed && client.Lines.HeadSince(key) < waitedSince)
            {
                waitedSince = client.Lines.HeadSince(key);
                waiting = client.Name;
            }

            askedAt = Math.Max(askedAt, client.Lines.AskedAt(key));
        }

        long since = Math.Max(freeSince, Math.Max(waitedSince, askedAt));
        if (world.Now - since >= Longest && !_withdrawn.Any(withdrawn => withdrawn.Key == key))
        {
            world.Fail(
                Invariant.FreeIsAskedFor,
                $"{key} is free, {waiting} waits, and nobody has asked for {(world.Now - since) / 1e6:0.000} ms");
        }
    });

    // Where clocks differ, the keys of one lock end one after the other: who needs more than a majority meets each that is in his way,
    // and backs off from each.
    private int ObstaclesInARow => world.Plan.RequiredVotes - (world.Nodes.Length / 2);

    // A message there and one back, some hops, the grain of timers and of expiries, and what a slow clock adds to an expiry.
    private long Longest => (12 * world.Plan.Latency) + 4_000_000 + (long)(world.Plan.ExpiryNanoseconds * world.Plan.Factor);
}
