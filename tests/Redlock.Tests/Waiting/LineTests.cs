using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Who waits in one process stands in a line: first come, first served, and whoever leaves it hands it on.</summary>
public sealed class LineTests(SharedNodes shared)
{
    private static readonly MutexOptions _holding = Waiters.Unpolled with { Tries = 1 };

    private enum Leaving
    {
        Cancelled = 0,
        OutOfTime,
        OutOfTries,
        ThrowingDelay,
        Interrupted,
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task First_come_is_first_served(int nodes)
    {
        const int Callers = 64;
        await using RedlockFactory factory = await shared.ConnectAsync(nodes);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        List<int> served = [];
        Task[] all = new Task[Callers];
        for (int caller = 0; caller < Callers; caller++)
        {
            all[caller] = ServeAsync(mutex, caller, served);
            await factory.InLineAsync(caller + 1);
        }

        await held.DisposeAsync();
        await Task.WhenAll(all).SoonAsync();
        Assert.Equal(Enumerable.Range(0, Callers), served);
        Assert.Equal(0, factory.Waiters);
    }

    [Fact]
    public async Task Blocking_callers_are_served_in_turn_too()
    {
        const int Callers = 16;
        await using RedlockFactory factory = await shared.ConnectAsync(1);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        List<int> served = [];
        Thread[] threads = new Thread[Callers];
        for (int caller = 0; caller < Callers; caller++)
        {
            int number = caller;
            threads[caller] = new Thread(() =>
            {
                using LockHandle mine = mutex.Lock();
                served.Add(number);
            });
            threads[caller].Start();
            await factory.InLineAsync(caller + 1);
        }

        await held.DisposeAsync();
        Assert.All(threads, thread => Assert.True(thread.Join(Eventually.Patience)));
        Assert.Equal(Enumerable.Range(0, Callers), served);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_holder_hands_the_lock_on_without_a_release_between(int nodes)
    {
        const int Callers = 10;
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.CreateMutex("door", Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task[] all = new Task[Callers];
        for (int caller = 0; caller < Callers; caller++)
        {
            all[caller] = ServeAsync(mutex, caller, []);
            await factory.InLineAsync(caller + 1);
        }

        await factory.QuietAsync();
        long deleted = await factory.CallsAsync("del");
        await held.DisposeAsync();
        await Task.WhenAll(all).SoonAsync();
        await Eventually.Holds(async () => await factory.CallsAsync("del") == deleted + nodes, "only the last of them released");
        Assert.All(await factory.StoredAsync("door"), Assert.Null);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Another_process_gets_its_turn_behind_so_many_successions(int limit)
    {
        const int Callers = 200;
        await using RedlockFactory busy = await shared.ConnectAsync(3);
        await using RedlockFactory other = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        RedlockMutex mutex = busy.CreateMutex(name, Waiters.Unpolled with { SuccessionLimit = limit });
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = other.CreateMutex(name, Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await other.MarkedAsync(name);
        List<int> served = [];
        Task[] all = new Task[Callers];
        for (int caller = 0; caller < Callers; caller++)
        {
            all[caller] = ServeAsync(mutex, caller, served);
            await busy.InLineAsync(caller + 1);
        }

        await busy.QuietAsync();
        await held.DisposeAsync();
        await using (LockHandle mine = await waiting.SoonAsync())
        {
            Assert.InRange(served.Count, limit, Callers - 1);
        }

        await Task.WhenAll(all).SoonAsync();
        Assert.Equal(Enumerable.Range(0, Callers), served);
    }

    [Theory]
    [InlineData(nameof(Leaving.Cancelled))]
    [InlineData(nameof(Leaving.OutOfTime))]
    [InlineData(nameof(Leaving.OutOfTries))]
    [InlineData(nameof(Leaving.ThrowingDelay))]
    [InlineData(nameof(Leaving.Interrupted))]
    public async Task Whoever_leaves_the_head_hands_it_on(string how)
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        await using RedlockFactory other = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        LockHandle held = await other.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
        using CancellationTokenSource mayGo = new();
        Task leaving = LeaveAsync(factory, name, Enum.Parse<Leaving>(how), mayGo.Token);
        await Eventually.Holds(() => factory.Waiters == 1 || leaving.IsCompleted);
        Task<LockHandle> next = factory.CreateMutex(name, Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        mayGo.Cancel();
        await leaving.SoonAsync();
        await factory.InLineAsync(1);
        await factory.MarkedAsync(name);
        await held.DisposeAsync();
        await (await next.SoonAsync()).DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_line_ends_with_its_factory(bool isAwaited)
    {
        const int Callers = 1000;
        RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockResult>[] all = new Task<LockResult>[Callers];
        for (int caller = 0; caller < Callers; caller++)
        {
            all[caller] = mutex.TryLockAsync(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken).AsTask();
        }

        await factory.InLineAsync(Callers);
        if (isAwaited)
        {
            await factory.DisposeAsync();
        }
        else
        {
            factory.Dispose();
        }

        LockResult[] results = await Task.WhenAll(all).SoonAsync();
        Assert.All(results, result => Assert.Equal(LockStatus.Unavailable, result.Status));
        Assert.Equal(0, factory.Waiters);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task A_full_line_ends_with_its_factory_although_a_node_does_not_answer()
    {
        const int Callers = 100;
        await using InMemoryNode silent = InMemoryNode.Start();
        RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions { StopTimeLimit = TimeSpan.FromMilliseconds(50) }, silent.Endpoint);
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        CancellationToken lost = held.Lost;
        Task<LockResult>[] all = [.. Enumerable.Range(0, Callers).Select(_ => mutex.TryLockAsync(Timeout.InfiniteTimeSpan).AsTask())];
        await factory.InLineAsync(Callers);
        await factory.MarkedAsync(mutex.Name);
        silent.Faults.Stall();
        await factory.DisposeAsync().AsTask().SoonAsync();
        Assert.All(await Task.WhenAll(all).SoonAsync(), result => Assert.Equal(LockStatus.Unavailable, result.Status));
        Assert.Equal(0, factory.Waiters);
        Assert.True(lost.IsCancellationRequested);
        silent.Faults.Resume();
    }

    [Fact]
    public async Task A_thread_that_is_interrupted_behind_the_head_leaves_the_others_in_their_places()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> head = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.InLineAsync(1);
        Exception? thrown = null;
        Thread blocked = new(() => thrown = Record.Exception(() => mutex.Lock(TestContext.Current.CancellationToken)));
        blocked.Start();
        await factory.InLineAsync(2);
        Task<LockHandle> last = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.InLineAsync(3);
        blocked.Interrupt();
        Assert.True(blocked.Join(Eventually.Patience), "it leaves");
        Assert.IsType<ThreadInterruptedException>(thrown);
        await factory.InLineAsync(2);
        await held.DisposeAsync();
        await (await head.SoonAsync()).DisposeAsync();
        await (await last.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Ten_thousand_that_cancel_at_once_leave_the_line_to_the_one_who_stays()
    {
        const int Callers = 10_000;
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        await using RedlockFactory other = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        LockHandle held = await other.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
        RedlockMutex mutex = factory.CreateMutex(name, Waiters.Unpolled);
        using CancellationTokenSource leave = new();
        Task<LockHandle>[] all = new Task<LockHandle>[Callers];
        Task<LockHandle>? stays = null;
        for (int caller = 0; caller < Callers; caller++)
        {
            all[caller] = mutex.LockAsync(leave.Token).AsTask();
            if (caller == Callers / 2)
            {
                stays = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
            }
        }

        await factory.InLineAsync(Callers + 1);
        await factory.MarkedAsync(name);
        leave.Cancel();
        await held.DisposeAsync();
        await (await stays!.SoonAsync()).DisposeAsync();
        foreach (Task<LockHandle> caller in all)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.SoonAsync());
        }

        await factory.InLineAsync(0);
    }

    [Fact]
    public async Task Ten_thousand_lines_are_woken()
    {
        const int Names = 10_000;
        await using RedlockFactory factory = await shared.ConnectAsync(1);
        await using RedlockFactory other = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        LockHandle[] held = new LockHandle[Names];
        Task<LockHandle>[] waiting = new Task<LockHandle>[Names];
        for (int number = 0; number < Names; number++)
        {
            held[number] = await other.CreateMutex($"{name}:{number}", _holding).LockAsync(TestContext.Current.CancellationToken);
            waiting[number] = factory.CreateMutex($"{name}:{number}", Waiters.Unpolled)
                .LockAsync(TestContext.Current.CancellationToken).AsTask();
        }

        await factory.InLineAsync(Names);
        await factory.QuietAsync();
        foreach (LockHandle one in held)
        {
            await one.DisposeAsync();
        }

        foreach (Task<LockHandle> one in waiting)
        {
            await (await one.SoonAsync()).DisposeAsync();
        }
    }

    private static async Task ServeAsync(RedlockMutex mutex, int caller, List<int> served)
    {
        await using LockHandle mine = await mutex.LockAsync(TestContext.Current.CancellationToken);
        served.Add(caller);
    }

    private static async Task LeaveAsync(RedlockFactory factory, string name, Leaving how, CancellationToken mayGo)
    {
        switch (how)
        {
            case Leaving.Cancelled:
                await Assert.ThrowsAnyAsync<OperationCanceledException>(
                    () => factory.CreateMutex(name, Waiters.Unpolled).LockAsync(mayGo).AsTask());
                break;
            case Leaving.OutOfTime:
                LockResult result = await factory.CreateMutex(name, Waiters.Unpolled).TryLockAsync(TimeSpan.FromMilliseconds(300), default);
                Assert.Equal(LockStatus.Contended, result.Status);
                break;
            case Leaving.OutOfTries:
                MutexOptions twice = Waiters.Unpolled with { Tries = 3, Delay = TimeSpan.FromMilliseconds(100) };
                LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(
                    () => factory.CreateMutex(name, twice).LockAsync(CancellationToken.None).AsTask());
                Assert.Equal(LockStatus.Contended, failure.Status);
                break;
            case Leaving.ThrowingDelay:
                MutexOptions throwing = Waiters.Unpolled with
                {
                    DelayFunction = attempt => attempt > 2 ? throw new InvalidTimeZoneException() : TimeSpan.FromMilliseconds(100),
                };
                await Assert.ThrowsAsync<InvalidTimeZoneException>(
                    () => factory.CreateMutex(name, throwing).LockAsync(CancellationToken.None).AsTask());
                break;
            case Leaving.Interrupted:
                bool isInterrupted = false;
                Thread blocked = new(() =>
                {
                    try
                    {
                        factory.CreateMutex(name, Waiters.Unpolled).Lock().Dispose();
                    }
                    catch (ThreadInterruptedException)
                    {
                        isInterrupted = true;
                    }
                });
                blocked.Start();
                await Eventually.Holds(() => mayGo.IsCancellationRequested);
                blocked.Interrupt();
                Assert.True(blocked.Join(Eventually.Patience));
                Assert.True(isInterrupted);
                break;
        }
    }
}
