namespace Redlock.Fast.Bench;

/// <summary>Many cycles at once, each on a name of its own.</summary>
internal static class Load
{
    /// <returns>How many cycles were done.</returns>
    public static async Task<double> RunAsync(RedlockFactory factory, int inFlight, int cycles)
    {
        int each = Math.Max(1, cycles / inFlight);
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(index => Task.Run(() =>
            LoopAsync(factory.CreateMutex($"load-of-{factory.Nodes.Count}-{index:0000}", MutexOptions.NonBlocking), each))));
        return (double)each * inFlight;
    }

    private static async Task LoopAsync(RedlockMutex mutex, int cycles)
    {
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            LockResult result = await mutex.TryLockAsync();
            if (result.IsAcquired)
            {
                await mutex.UnlockAsync(result.Token);
            }
            else
            {
                throw new InvalidOperationException($"{mutex.Name}: {result.Status}: {string.Join("; ", mutex.LastAttemptByAnyone)}");
            }
        }
    }
}
