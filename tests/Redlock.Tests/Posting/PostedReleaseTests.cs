using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Releases that nobody waits for, on servers.</summary>
public sealed class PostedReleaseTests(SharedNodes shared)
{
    private static readonly MutexOptions _posting = MutexOptions.NonBlocking with { Release = ReleaseMode.Posted };

    public enum Way
    {
        Disposal = 0,
        BlockingDisposal,
        Post,
        Function,
        BlockingFunction,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, Wire, Way> Ways()
    {
        TheoryData<int, Wire, Way> ways = [];
        foreach (int nodes in (int[])[1, 3, 5])
        {
            foreach (Wire wire in Enum.GetValues<Wire>())
            {
                foreach (Way way in Enum.GetValues<Way>())
                {
                    ways.Add(nodes, wire, way);
                }
            }
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_next_lock_never_meets_it_and_the_end_of_the_factory_leaves_nothing(int nodes, Wire wire, Way way)
    {
        const int Cycles = 200;
        await using RedlockFactory witness = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        int unknown = 0;
        factory.ReleaseUnknown += (_, _) => Interlocked.Increment(ref unknown);
        RedlockMutex mutex = factory.PatientMutex(name, _posting);
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            await CycleAsync(mutex, way);
        }

        await factory.DisposeAsync();
        Assert.Equal(0, Volatile.Read(ref unknown));

        // A quorum has confirmed; the others may be on their way.
        await Eventually.Holds(async () => (await witness.StoredAsync(name)).All(value => value is null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Many_that_are_posted_at_once_are_all_gone_when_the_factory_has_ended(int nodes)
    {
        const int Locks = 300;
        await using RedlockFactory witness = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockFactory factory = await shared.ConnectAsync(nodes);
        RedlockMutex[] mutexes = [.. Enumerable.Range(0, Locks).Select(number => factory.PatientMutex($"{name}:{number}", _posting))];
        LockHandle[] held = await Task.WhenAll(mutexes.Select(mutex => mutex.LockAsync(Token).AsTask()));
        Array.ForEach(held, handle => handle.Dispose());
        factory.Dispose();
        for (int number = 0; number < Locks; number++)
        {
            string key = $"{name}:{number}";
            await Eventually.Holds(async () => (await witness.StoredAsync(key)).All(value => value is null));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Whoever_posts_and_locks_again_at_once_does_not_keep_the_lock_from_another_process(int nodes)
    {
        const int MostTurns = 200;
        await using RedlockFactory greedy = await shared.ConnectAsync(nodes);
        await using RedlockFactory other = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockMutex mutex = greedy.CreateMutex(name, Waiters.Unpolled with { Release = ReleaseMode.Posted });
        LockHandle held = await mutex.LockAsync(Token);
        Task<LockHandle> waiting = other.CreateMutex(name, Waiters.Unpolled).LockAsync(Token).AsTask();
        await greedy.MarkedAsync(name);
        int turns = 0;
        using CancellationTokenSource served = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task grabbing = Task.Run(async () =>
        {
            while (turns++ < MostTurns)
            {
                await held.DisposeAsync();
                held = await mutex.LockAsync(served.Token);
            }
        });
        LockHandle next = await waiting.SoonAsync();
        Assert.True(next.IsHeld);
        await served.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grabbing.SoonAsync());
        Assert.InRange(turns, 1, MostTurns / 2);
        await next.DisposeAsync();
    }

    [Fact]
    public async Task One_whose_node_is_killed_is_told()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        TaskCompletionSource<string> told = new();
        factory.ReleaseUnknown += (_, release) => told.TrySetResult(release.Name);
        LockHandle held = await factory.PatientMutex("door", _posting).LockAsync(Token);
        servers[0].Pause();
        await held.DisposeAsync();
        Assert.False(told.Task.IsCompleted);
        servers[0].Kill();
        Assert.Equal("door", await told.Task.SoonAsync());
        await Eventually.Holds(() => !factory.ArePostedPending);
    }

    [Fact]
    public async Task It_has_its_room_in_a_full_queue()
    {
        const int Room = 16;
        using OwnServers servers = await OwnServers.StartAsync(1);
        RespNodeOptions small = new() { QueueLimits = new RespQueueLimits { OrdinaryRequests = Room, AllRequests = Room * 4 } };
        await using RedlockFactory factory = RedlockFactory.Create(new RedlockOptions { Node = small }, servers[0].Endpoint);
        await using RedlockFactory asker = RedlockFactory.Create(servers[0].Endpoint);
        await Inspection.AllConnectedAsync(factory);
        await Inspection.AllConnectedAsync(asker);
        LockHandle[] held = await Task.WhenAll(Enumerable.Range(0, Room / 2).Select(
            number => factory.PatientMutex($"door:{number}", _posting).LockAsync(Token).AsTask()));
        servers[0].Pause();
        Task<LockResult>[] filling = [.. Enumerable.Range(0, Room * 2).Select(
            number => factory.PatientMutex($"window:{number}", _posting).TryLockAsync(Token).AsTask())];
        Assert.Contains(filling, attempt => attempt.IsCompleted);
        Array.ForEach(held, handle => handle.Dispose());
        Assert.True(factory.ArePostedPending);
        servers[0].Resume();
        LockResult[] filled = await Task.WhenAll(filling).SoonAsync();
        await Eventually.Holds(() => !factory.ArePostedPending);
        foreach (LockResult result in filled)
        {
            await result.Handle.DisposeAsync();
        }

        await Eventually.Holds(async () => (await asker.AskAllAsync("DBSIZE"))[0].Integer == 0);
    }

    [Fact]
    public async Task Inline_code_may_post_and_lock_again()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), _posting with { Continuation = ContinuationMode.Inline });

        // Without the tests' own context, the code goes on where the reply was read.
        await Task.Run(
            async () =>
            {
                for (int cycle = 0; cycle < 100; cycle++)
                {
                    LockHandle held = await mutex.LockAsync(Token);
                    held.Dispose();
                }
            },
            Token).SoonAsync();
        await Eventually.Holds(() => !factory.ArePostedPending);
    }

    private static async Task CycleAsync(RedlockMutex mutex, Way way)
    {
        switch (way)
        {
            case Way.Function:
                Assert.True(await mutex.WithLockAsync(static _ => ValueTask.CompletedTask, Token));
                break;
            case Way.BlockingFunction:
                Assert.True(mutex.WithLock(static () => { }, Token));
                break;
            case Way.BlockingDisposal:
                mutex.Lock(Token).Dispose();
                break;
            case Way.Post:
                LockResult result = await mutex.TryLockAsync(Token);
                Assert.True(result.IsAcquired);
                Assert.True(mutex.PostUnlock(result.Token));
                break;
            default:
                LockHandle held = await mutex.LockAsync(Token);
                await held.DisposeAsync();
                break;
        }
    }
}
