namespace Redlock.Fast.Tests;

public class ReleaseRaceTests(SharedNodes shared)
{
    private const int Workers = 8;

    // A renewal every 4 ms.
    private static readonly MutexOptions _renewed = new()
    {
        Expiry = TimeSpan.FromSeconds(20),
        NodeTimeLimit = TimeSpan.FromSeconds(10),
        Renew = RenewOptions.Every(0.0002, TimeSpan.FromMinutes(5)),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_release_is_followed_by_no_renewal_of_its_lock(int nodes)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(
            async () =>
            {
                Random random = new(worker);
                string name = Inspection.NewName();
                RedlockMutex mutex = factory.CreateMutex(name, _renewed);
                for (int cycle = 0; cycle < 3_000 / Workers; cycle++)
                {
                    LockHandle held = await mutex.LockAsync(Token);
                    await Task.Delay(random.Next(10), Token);
                    CancellationToken lost = held.Lost;
                    Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(held, Token));
                    Assert.All(await factory.StoredAsync(name), Assert.Null);
                    Assert.False(lost.IsCancellationRequested);
                }
            },
            Token)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Two_thousand_cancelled_locks_leave_no_key(int nodes)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(
            async () =>
            {
                Random random = new(worker);
                string name = Inspection.NewName();
                RedlockMutex mutex = factory.CreateMutex(name, _renewed);
                for (int cycle = 0; cycle < 2_000 / Workers; cycle++)
                {
                    using CancellationTokenSource cancellation = new();
                    Task<LockHandle> locking = mutex.LockAsync(cancellation.Token).AsTask();
                    Thread.SpinWait(random.Next(3_000));
                    await cancellation.CancelAsync();
                    try
                    {
                        await (await locking).DisposeAsync();
                    }
                    catch (OperationCanceledException cancelled)
                    {
                        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
                        Assert.True(locking.IsCanceled);
                    }

                    Assert.All(await factory.StoredAsync(name), Assert.Null);
                }
            },
            Token)));
    }
}
