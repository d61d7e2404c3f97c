using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

// Alone in the process: other tests could not go on while the pool is blocked.
[CollectionDefinition(nameof(RenewalUnderLoadTests), DisableParallelization = true)]
[Collection(nameof(RenewalUnderLoadTests))]
public sealed class RenewalUnderLoadTests
{
    // As many requests as a node's queue takes of new locks, less a margin.
    private const int AtOnce = 2000;

    [Fact]
    public async Task Ten_thousand_locks_are_renewed_while_every_thread_of_the_pool_is_blocked()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        MutexOptions options = MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromSeconds(60),
            NodeTimeLimit = TimeSpan.FromSeconds(30),
            Renew = RenewOptions.Every(0.05, Timeout.InfiniteTimeSpan),
        };
        List<LockHandle> held = [];
        while (held.Count < 10_000)
        {
            Task<LockHandle>[] taking =
            [
                .. Enumerable.Range(held.Count, AtOnce)
                    .Select(
                        number => factory.CreateMutex($"door:{number}", options).LockAsync(TestContext.Current.CancellationToken).AsTask()),
            ];
            held.AddRange(await Task.WhenAll(taking));
        }

        using (BlockedPool pool = new())
        {
            Assert.True(WaitFor(() => held.TrueForAll(IsRenewed)), "Not all were renewed.");
            Assert.True(pool.IsBlocked, "The pool was not blocked, so the test proves nothing.");
            Assert.All(held, handle => Assert.True(handle.IsHeld));
        }

        foreach (LockHandle[] some in held.Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(handle => handle.DisposeAsync().AsTask()));
        }

        Assert.Equal(0, (await factory.AskAllAsync("DBSIZE"))[0].Integer);
    }

    [Fact]
    public async Task The_loss_shows_while_every_thread_of_the_pool_is_blocked()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        LockHandle held = await factory.PatientMutex("door", MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromSeconds(2),
            Renew = RenewOptions.Every(0.3, Timeout.InfiniteTimeSpan),
        }).LockAsync(TestContext.Current.CancellationToken);
        CancellationToken lost = held.Lost;
        servers[0].Pause();
        using (BlockedPool pool = new())
        {
            Assert.True(WaitFor(() => lost.IsCancellationRequested), "The loss was not told.");
            Assert.False(held.IsHeld);
            Assert.True(pool.IsBlocked, "The pool was not blocked, so the test proves nothing.");
        }

        servers[0].Resume();
    }

    [Fact]
    public async Task Renewal_and_release_at_the_same_moment_leave_nothing_behind()
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        Task[] clients =
            [.. Enumerable.Range(0, 16).Select(number => CycleAsync(factory.PatientMutex($"door:{number}", MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromSeconds(10),
            Renew = RenewOptions.Every(0.0002, Timeout.InfiniteTimeSpan),
        })))];
        await Task.WhenAll(clients);

        // Nothing waits for the slowest node: it may have a long way to go.
        for (int node = 0; node < factory.Nodes.Count; node++)
        {
            await Inspection.CaughtUpAsync(factory.Node(node));
        }

        Assert.All(await factory.AskAllAsync("DBSIZE"), size => Assert.Equal(0, size.Integer));
    }

    private static async Task CycleAsync(RedlockMutex mutex)
    {
        for (int cycle = 0; cycle < 200; cycle++)
        {
            LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
            if (cycle % 4 == 0)
            {
                await Eventually.Holds(() => IsRenewed(held), "it is renewed");
            }

            Assert.False(held.Lost.IsCancellationRequested);
            await held.DisposeAsync();
        }
    }

    private static bool IsRenewed(LockHandle held)
    {
        long now = MonotonicTime.Shared.GetTimestamp();
        return held.Remaining > MonotonicTime.Shared.GetElapsedTime(now, held.Token.DeadlineTicks);
    }

    // Not asynchronous: no thread of the pool could go on.
    private static bool WaitFor(Func<bool> holds)
    {
        using ManualResetEventSlim never = new();
        long start = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Eventually.Patience)
            {
                return false;
            }

            never.Wait(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }

        return true;
    }
}
