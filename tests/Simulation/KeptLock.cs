namespace Redlock.Fast.Simulation;

/// <summary>
/// In a healthy world somebody keeps a lock of his own while many want others: it is not lost, however full the queues are.
/// </summary>
internal sealed class KeptLock(World world, SimulatedClient client)
{
    private const string Key = "kept";

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
        mutex.KeepAlive(token, RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan));
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

        world.Ledger.End(token.Value);
        await client.Take(mutex.UnlockAsync(token, CancellationToken.None));
        world.Ledger.Released(client, Key, token.Value);
    }
}
