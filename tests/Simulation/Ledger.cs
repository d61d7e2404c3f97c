namespace Redlock.Fast.Simulation;

/// <summary>Who relies on what until when, in true time; compares it with what the nodes keep.</summary>
internal sealed class Ledger(World world)
{
    private readonly Dictionary<object, Attempt> _lastAttempts = [];
    private readonly Dictionary<string, Attempt> _attempts = [];
    private readonly List<Reliance> _claims = [];

    /// <summary>How often a lock was handed over.</summary>
    public int Claims { get; private set; }

    /// <summary>An operation sends a SET. If it is of a new owner, the attempt before it has failed.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="operation">Tells attempts of one call from those of another.</param>
    /// <param name="key">What it wants to take.</param>
    /// <param name="owner">The new owner.</param>
    /// <param name="nowTicks">When it was asked to send, on the client's clock.</param>
    public void Attempted(SimulatedClient client, object operation, string key, string owner, long nowTicks)
    {
        if (_lastAttempts.TryGetValue(operation, out Attempt? last))
        {
            if (last.Owner == owner)
            {
                return;
            }

            GiveUp(last);
        }

        SimulationPlan plan = world.Plan;
        long validity = (long)(plan.ExpiryNanoseconds * (1 - plan.Factor)) - 2_000_000;
        Attempt attempt = new(client, key, owner, nowTicks + validity);
        _lastAttempts[operation] = attempt;
        _attempts[owner] = attempt;
    }

    /// <summary>Attempts that nobody was told to have succeeded have failed; called when no operation is under way any more.</summary>
    public void GiveUpUnclaimed()
    {
        foreach (Attempt attempt in _lastAttempts.Values)
        {
            GiveUp(attempt);
        }
    }

    /// <summary>An attempt has succeeded, though too late to be relied on: its caller will release it.</summary>
    public void Settle(string owner)
    {
        if (_attempts.TryGetValue(owner, out Attempt? attempt))
        {
            attempt.IsSettled = true;
        }
    }

    /// <summary>Whether it is known how the attempt of this owner ended.</summary>
    public bool IsSettled(string owner) => _attempts.TryGetValue(owner, out Attempt? attempt) && attempt.IsSettled;

    /// <summary>A caller is told now that it holds the lock.</summary>
    public void Claim(SimulatedClient client, string key, LockToken token, Naming naming = Naming.Known)
    {
        string owner = token.Value;
        long now = world.Now;
        world.Note(client.Name, "holds", token.Text);
        if (naming == Naming.Known)
        {
            world.Fences.Claim(client, key, token);
        }

        Claims++;
        Settle(owner);
        if (client.Clock.Read(now) >= token.DeadlineTicks)
        {
            world.Fail(Invariant.NothingDeadIsHandedOver, $"{client.Name} was given {owner} with no time left");
        }

        // The holder relies on every moment before its clock shows the deadline.
        long deadline = client.Clock.TrueTimeOf(token.DeadlineTicks);
        End(owner);
        foreach (Reliance other in _claims)
        {
            if (other.Key == key && other.Deadline > now)
            {
                world.Fail(
                    Invariant.Exclusion,
                    $"{client.Name} was given {owner} while {other.Client.Name} relies on {other.Owner} "
                    + $"for another {(other.Deadline - now) / 1e6:0.000} ms");
            }
        }

        _claims.RemoveAll(claim => claim.Deadline <= now);
        _claims.Add(new Reliance(client, key, owner, deadline));
        CheckBacking(key);
    }

    /// <summary>The function of WithLock runs: whose lock is it?</summary>
    public string? ClaimUnnamed(SimulatedClient client, string key, long margin)
    {
        foreach (Attempt attempt in _lastAttempts.Values)
        {
            if (attempt.Client == client && attempt.Key == key && !attempt.IsSettled && KeptUntil(key, attempt.Owner) > world.Now)
            {
                LockToken token = LockToken.Parse(attempt.Owner).Until(attempt.DeadlineTicks - margin);
                if (!client.IsDisposed && client.Time.GetTimestamp() < token.DeadlineTicks)
                {
                    client.Kept.Add(attempt.Owner);
                    Claim(client, key, token, Naming.Guessed);
                }
                else
                {
                    Settle(attempt.Owner);
                }

                return attempt.Owner;
            }
        }

        if (!world.Plan.ExclusionOnly)
        {
            world.Fail(Invariant.DeadlineIsBacked, $"{client.Name} runs a function under {key}, of which no quorum keeps an owner of his");
        }

        return null;
    }

    /// <summary>The holder stops relying on it: it releases, or hands over.</summary>
    public void End(string owner) => _claims.RemoveAll(claim => claim.Owner == owner);

    /// <summary>A caller is told now that a quorum has released.</summary>
    public void CheckReleased(SimulatedClient client, string key, string owner)
    {
        int keeping = 0;
        foreach (SimulatedNode node in world.Nodes)
        {
            keeping += node.OwnerOf(key) == owner && !node.HasReturned(owner) ? 1 : 0;
        }

        if (keeping > world.Nodes.Length - world.Plan.RequiredVotes)
        {
            world.Fail(Invariant.ReleasedIsGone, $"{client.Name} is told that {owner} is released, and {keeping} nodes keep it");
        }
    }

    /// <summary>The holder has released it: none of its links may leave it behind.</summary>
    public void Released(SimulatedClient client, string key, string owner) => client.Owe(key, owner);

    /// <summary>Something was taken from a node: is every claim still backed by a quorum?</summary>
    public void CheckBacking(string key)
    {
        if (world.Plan.ExclusionOnly)
        {
            return;
        }

        foreach (Reliance claim in _claims)
        {
            if (claim.Key == key && claim.Deadline > world.Now && KeptUntil(key, claim.Owner) < claim.Deadline)
            {
                world.Fail(
                    Invariant.DeadlineIsBacked,
                    $"{claim.Client.Name} relies on {claim.Owner} until {claim.Deadline / 1e6:0.000} ms; "
                    + $"a quorum keeps it only until {KeptUntil(key, claim.Owner) / 1e6:0.000} ms");
            }
        }
    }

    /// <summary>How long a quorum keeps the key for an owner: the quorum-th longest of its lives.</summary>
    private long KeptUntil(string key, string owner)
    {
        Span<long> lives = stackalloc long[world.Nodes.Length];
        for (int node = 0; node < lives.Length; node++)
        {
            lives[node] = world.Nodes[node].HeldUntil(key, owner);
        }

        lives.Sort();
        return lives[^world.Plan.RequiredVotes];
    }

    private static void GiveUp(Attempt attempt)
    {
        if (!attempt.IsSettled)
        {
            attempt.IsSettled = true;
            attempt.Client.Owe(attempt.Key, attempt.Owner);
        }
    }

    private sealed record Reliance(SimulatedClient Client, string Key, string Owner, long Deadline);

    private sealed record Attempt(SimulatedClient Client, string Key, string Owner, long DeadlineTicks)
    {
        public bool IsSettled { get; set; }
    }
}

/// <summary>How it is known whose lock it is.</summary>
internal enum Naming
{
    /// <summary>By what the nodes keep; its number is not known.</summary>
    Guessed = 0,

    /// <summary>By its token.</summary>
    Known,
}
