namespace Redlock.Fast.Tests;

// The shortest and the longest times that somebody may ask for, on real servers.
public sealed class ExpiryExtremesTests(SharedNodes shared)
{
    [Theory]
    [MemberData(nameof(Calls.Everywhere), MemberType = typeof(Calls))]
    public async Task A_lock_of_three_weeks_is_taken_extended_and_released(int nodes, Wire wire, Style style)
    {
        TimeSpan expiry = TimeSpan.FromDays(21);
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.CreateMutex(name, MutexOptions.NonBlocking with { Expiry = expiry });
        for (int cycle = 0; cycle < 10; cycle++)
        {
            LockResult taken = await calls.TryLockAsync(mutex);
            Assert.Equal(LockStatus.Acquired, taken.Status);
            Assert.InRange(mutex.Remaining(taken.Token), expiry * 0.98, expiry);
            ExtendResult extended = await calls.ExtendAsync(mutex, taken.Token);
            Assert.Equal(ExtendStatus.Extended, extended.Status);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, extended.Token));
        }

        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    [Theory]
    [MemberData(nameof(Calls.Everywhere), MemberType = typeof(Calls))]
    public async Task A_lock_of_three_weeks_is_kept_and_holds_up_nobody_else(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        LockHandle kept = await calls.LockAsync(factory.CreateMutex(Inspection.NewName(), MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromDays(21),
            Renew = RenewOptions.Every(1 / 3d, Timeout.InfiniteTimeSpan),
        }));
        CancellationToken lost = kept.Lost;
        RedlockMutex other = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking);
        for (int cycle = 0; cycle < 20; cycle++)
        {
            LockResult taken = await calls.TryLockAsync(other);
            Assert.Equal(LockStatus.Acquired, taken.Status);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(other, taken.Token));
        }

        Assert.True(kept.IsHeld);
        Assert.False(lost.IsCancellationRequested);
        await calls.DisposeAsync(kept);
    }

    [Theory]
    [MemberData(nameof(Calls.Everywhere), MemberType = typeof(Calls))]
    public async Task A_lock_of_five_milliseconds_is_taken_sooner_or_later_and_ends_by_itself(int nodes, Wire wire, Style style)
    {
        TimeSpan expiry = TimeSpan.FromMilliseconds(5);
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.CreateMutex(name, MutexOptions.NonBlocking with { Expiry = expiry });
        int taken = 0;
        await Eventually.Holds(async () =>
        {
            LockResult result = await calls.TryLockAsync(mutex);
            Assert.InRange(mutex.Remaining(result.Token), TimeSpan.Zero, expiry);
            if (result.IsAcquired && taken++ % 2 == 0)
            {
                // A busy machine may come too late for it.
                await calls.UnlockAsync(mutex, result.Token);
            }

            return taken >= 10;
        }, "it is taken ten times");
        for (int node = 0; node < nodes; node++)
        {
            await Inspection.CaughtUpAsync(factory.Node(node));
        }

        await Eventually.Holds(async () => (await factory.StoredAsync(name)).All(stored => stored is null), "no node has the key");
    }
}
