namespace Redlock.Fast.Simulation;

/// <summary>
/// Watches that the fencing tokens of a name grow in the order in which it is handed over, and that a quorum stands behind each.
/// </summary>
internal sealed class FenceWatch(World world)
{
    private readonly Dictionary<string, long> _byOwner = [];
    private readonly Dictionary<string, long> _byKey = [];
    private int _losses;

    /// <summary>How often a token did not grow because nodes had lost their data: then it rests on the clients' wall clocks.</summary>
    public int LostGrowth { get; private set; }

    /// <summary>A node has forgotten how far it had counted.</summary>
    public void NoteDataLost() => _losses++;

    /// <summary>A caller is told now that it holds the lock, perhaps not for the first time.</summary>
    public void Claim(SimulatedClient client, string key, LockToken token)
    {
        long number = token.FencingToken;
        if (!world.Plan.IsFenced || world.Plan.ExclusionOnly)
        {
            return;
        }

        if (_byOwner.TryGetValue(token.Value, out long before))
        {
            if (before != number)
            {
                world.Fail(Invariant.FencingTokensGrow, $"{client.Name} holds {token.Value} with {number}, and had {before}");
            }

            return;
        }

        _byOwner.Add(token.Value, number);
        CheckBacking(client, key, token);
        if (_byKey.TryGetValue(key, out long last) && number <= last)
        {
            if (_losses == 0)
            {
                world.Fail(Invariant.FencingTokensGrow, $"{client.Name} was given {key} with {number} behind {last}");
            }
            else
            {
                LostGrowth++;
                world.Note(client.Name, "has a token too small", $"{number} behind {last}");
            }
        }

        _byKey[key] = number;
    }

    private void CheckBacking(SimulatedClient client, string key, LockToken token)
    {
        long number = token.FencingToken;
        string owner = token.Value;
        int counted = 0;
        foreach (SimulatedNode node in world.Nodes)
        {
            counted += node.CounterOf(key) >= number && node.OwnerOf(key) == owner ? 1 : 0;
        }

        if (number <= 0 || (counted < world.Plan.RequiredVotes && _losses == 0))
        {
            world.Fail(
                Invariant.FencingTokenIsBacked,
                $"{client.Name} was given {key} with {number}, to which {counted} nodes that keep his key have counted");
        }
    }
}
