namespace Redlock.Fast.Simulation;

/// <summary>
/// In a healthy world somebody keeps a lock of his own while many want others: it is not lost, however full the queues are.
/// </summary>
internal sealed class KeptLock(World world, SimulatedClient client)
{
    private const string Key = "kept";
    private const double RenewedAt = 1.0 / 3;

    /// <summary>Keeps it until the others are done.</summary>
    public async Task RunAsync(Task others)
    {
        RedlockMutex mutex = client.CreateMutex(Key);
        LockResult result = await client.Take(mutex.TryLockAsync(world.Plan.Expiry, CancellationToken.None));
        if (!result.IsAcquired)
        {
            // Where there is room for two at a time, a third is refused.
            if (!world.Plan.Has(Fault.SmallQueues))
            {
                world.Fail(Invariant.Recovers, $"{client.Name} could not take {Key}: {result.Status}");
            }

            return;
        }

        LockToken token = result.Token;
        world.Ledger.Claim(client, Key, token);

        // Where no renewal can come in time, with a node that has forgotten its script, the lock is lost by rights: taken too late, or over
        // links that are too slow. Where every node is needed the slowest one counts: a way takes half as long again as usual at most, and
        // a hop of the client's a quarter.
        double ways = world.Plan.RequiredVotes == world.Nodes.Length ? 6.5 : 4;
        TimeSpan twoRoundTrips = ways * TimeSpan.FromTicks(world.Plan.Latency / TimeSpan.NanosecondsPerTick);
        if (mutex.Remaining(token) > twoRoundTrips && (1 - RenewedAt) * world.Plan.Expiry > twoRoundTrips)
        {
            await KeepAsync(mutex, token, others);
        }

        world.Ledger.End(token.Value);
        await client.Take(mutex.UnlockAsync(token, CancellationToken.None));
        world.Ledger.Released(client, Key, token.Value);
    }

    private async Task KeepAsync(RedlockMutex mutex, LockToken token, Task others)
    {
        mutex.KeepAlive(token, RenewOptions.Every(RenewedAt, Timeout.InfiniteTimeSpan));
        CancellationToken lost = mutex.Lost(token);
        while (!others.IsCompleted)
        {
            await client.Nap(world.Plan.ExpiryNanoseconds / 4);
            if (lost.IsCancellationRequested || mutex.Remaining(token) == TimeSpan.Zero)
            {
                string nodes = string.Join(", ", mutex.LastAttemptByAnyone);
                world.Fail(Invariant.KeptIsNotLost, $"{client.Name} has lost {token} in a healthy world: {nodes}");
                return;
            }
        }
    }
}
