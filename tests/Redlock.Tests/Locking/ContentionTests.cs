namespace Redlock.Fast.Tests;

public class ContentionTests(SharedNodes shared)
{
    private int _inside;
    private int _counter;

    [Fact]
    public async Task Two_clients_lose_no_update_in_ten_thousand()
    {
        const int acquisitions = 10_000;
        using RedlockFactory first = await shared.ConnectAsync(3);
        using RedlockFactory second = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        Task[] clients = [.. ((RedlockFactory[])[first, second]).Select(factory => Task.Run(
            () => CountAsync(Contender(factory, name), acquisitions / 2), TestContext.Current.CancellationToken))];
        await Task.WhenAll(clients);
        Assert.Equal(acquisitions, _counter);
        await first.StoredAsync(name);
        await second.StoredAsync(name);
        Assert.All(await first.StoredAsync(name), Assert.Null);
    }

    [Fact]
    public async Task Sixty_four_tasks_share_one_mutex()
    {
        const int tasks = 64;
        const int each = 10;
        using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = Contender(factory, Inspection.NewName());
        await Task.WhenAll(
            Enumerable.Range(0, tasks).Select(_ => Task.Run(() => CountAsync(mutex, each), TestContext.Current.CancellationToken)));
        Assert.Equal(tasks * each, _counter);
        Assert.All(await factory.StoredAsync(mutex.Name), Assert.Null);
    }

    [Fact]
    public async Task Threads_that_block_exclude_each_other_too()
    {
        const int threads = 4;
        const int each = 100;
        using RedlockFactory factory = await shared.ConnectAsync(3, Wire.Tcp);
        RedlockMutex mutex = Contender(factory, Inspection.NewName());
        CancellationToken token = TestContext.Current.CancellationToken;
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (int turn = 0; turn < each; turn++)
                {
                    using LockHandle held = mutex.Lock(token);
                    Update();
                }
            },
            token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Equal(threads * each, _counter);
    }

    private static RedlockMutex Contender(RedlockFactory factory, string name) => factory.PatientMutex(name, new MutexOptions
    {
        Expiry = TimeSpan.FromMinutes(2),
        Tries = int.MaxValue,
        DelayFunction = _ => TimeSpan.FromMicroseconds(Random.Shared.Next(50, 2000)),
    });

    private async Task CountAsync(RedlockMutex mutex, int turns)
    {
        for (int turn = 0; turn < turns; turn++)
        {
            await using LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
            Update();
        }
    }

    private void Update()
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));

        // Plain on purpose: the lock is all that guards it.
        int seen = Volatile.Read(ref _counter);
        Thread.SpinWait(20);
        Volatile.Write(ref _counter, seen + 1);
        Interlocked.Decrement(ref _inside);
    }
}
