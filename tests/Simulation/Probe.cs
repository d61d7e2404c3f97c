namespace Redlock.Fast.Simulation;

/// <summary>
/// Once everything is well, every client can take every name at the first attempt, and again right behind its own release.
/// </summary>
internal static class Probe
{
    /// <summary>How often each client calls the library for each name; no call takes longer than an expiry.</summary>
    public const int CallsAName = 4;

    public static async Task RunAsync(World world)
    {
        foreach (SimulatedClient client in world.Clients)
        {
            if (client.IsDisposed)
            {
                continue;
            }

            foreach (RedlockMutex mutex in client.Mutexes)
            {
                await TakeAndReleaseAsync(world, client, mutex);
                await TakeAndReleaseAsync(world, client, mutex);
            }
        }
    }

    private static async Task TakeAndReleaseAsync(World world, SimulatedClient client, RedlockMutex mutex)
    {
        LockResult result = await client.Take(mutex.TryLockAsync(CancellationToken.None));
        if (!result.IsAcquired)
        {
            string nodes = string.Join(", ", mutex.LastAttemptByAnyone);
            world.Fail(Invariant.Recovers, $"{client.Name} could not take {mutex.Name}: {result.Status}; {nodes}");
            return;
        }

        world.Ledger.Claim(client, mutex.Name, result.Token);
        world.Ledger.End(result.Token.Value);
        UnlockStatus status = await client.Take(mutex.UnlockAsync(result.Token, CancellationToken.None));
        if (status != UnlockStatus.Released)
        {
            string nodes = string.Join(", ", mutex.LastAttemptByAnyone);
            world.Fail(Invariant.Recovers, $"{client.Name} could not release {mutex.Name}: {status}; {nodes}");
        }
    }
}
