namespace Redlock.Fast.Bench;

/// <summary>Attempts that are cancelled or time out on live connections must leave no key behind.</summary>
internal static class AbandonSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(3);
        await using RedlockFactory factory = RedlockFactory.Create(servers.Endpoints("tcp", 3));
        await factory.WaitUntilConnectedAsync();

        // An expiry that outlives the run: a key that is left behind can't hide by expiring.
        MutexOptions options = MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromMinutes(30),
            NodeTimeLimit = TimeSpan.FromMilliseconds(1),
        };
        const int parallel = 64;
        int attempts = Math.DivRem(quick ? 10_000 : 100_000, parallel).Quotient + 1;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(index =>
            Task.Run(() => AbandonAsync(factory.CreateMutex($"abandon-{index}", options), attempts, index))));

        long leaked = 0;
        foreach (Resp.RespNode node in factory.Nodes.OfType<Resp.RespNode>())
        {
            // Once everything that was sent on this connection is answered; before that, a node that was late is asked nothing.
            while (node.Pending > 0)
            {
                await Task.Delay(1);
            }

            leaked += (await node.SendAsync("DBSIZE")).Integer;
        }

        report.Add("abandon.leaked_keys", leaked, Goal.Most(0));
    }

    private static async Task AbandonAsync(RedlockMutex mutex, int attempts, int seed)
    {
        Random random = new(seed);
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            using CancellationTokenSource cancellation = new();
            ValueTask<LockResult> pending = mutex.TryLockAsync(cancellation.Token);
            if (random.Next(2) == 0)
            {
                cancellation.Cancel();
            }

            try
            {
                LockResult result = await pending;
                await mutex.UnlockAsync(result.Token);
            }
            catch (OperationCanceledException)
            {
                // What was to happen; the clean-up is the library's own.
            }
        }
    }
}
