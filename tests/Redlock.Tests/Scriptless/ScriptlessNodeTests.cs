using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Locks on nodes that run no scripts: the same promises, by plain commands.</summary>
public sealed class ScriptlessNodeTests
{
    private static readonly MutexOptions _once = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(60) };

    private static readonly int[] _sizes = [1, 3, 5];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Kinds, how many of them, and how many nodes beside them that run scripts.</summary>
    public static TheoryData<Scriptless, int, int> Quorums
    {
        get
        {
            TheoryData<Scriptless, int, int> data = [];
            foreach (Scriptless kind in Enum.GetValues<Scriptless>())
            {
                foreach (int size in _sizes)
                {
                    data.Add(kind, size, 0);
                }

                data.Add(kind, 1, 2);
                data.Add(kind, 2, 1);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task A_lock_is_taken_extended_and_released(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _once);
        RedlockMutex longer = factory.PatientMutex("door", _once with { Expiry = TimeSpan.FromHours(1) });

        LockResult taken = await mutex.TryLockAsync(Token);
        Assert.True(taken.IsAcquired, string.Join('\n', mutex.LastAttemptByAnyone));
        await factory.HeldByAllAsync("door");
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Token)).Status);
        ExtendResult extended = await longer.ExtendAsync(taken.Token, Token);
        Assert.True(extended.IsExtended, string.Join('\n', longer.LastAttemptByAnyone));
        await Eventually.Holds(async () => (await factory.TimeToLiveAsync("door")).All(left => left > 600_000), "all were extended");
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(extended.Token, Token));
        await GoneAsync(factory, "door");

        LockResult blocking = mutex.TryLock(Token);
        Assert.True(blocking.IsAcquired);
        Assert.True(longer.Extend(blocking.Token, Token).IsExtended);
        Assert.Equal(UnlockStatus.Released, mutex.Unlock(blocking.Token, Token));
        await GoneAsync(factory, "door");
        Assert.All(factory.Nodes, node => Assert.Equal(0, ((RespNode)node).Reconnects));
    }

    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task What_is_not_mine_stays_and_what_is_not_there_is_not_made(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _once);
        LockResult mine = await mutex.TryLockAsync(Token);
        Assert.True(mine.IsAcquired);
        await factory.HeldByAllAsync("door");

        await factory.AskAllAsync("SET", "door", "theirs", "PX", "60000");
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(mine.Token, Token)).Status);
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(mine.Token, Token));
        Assert.All(await factory.StoredAsync("door"), value => Assert.Equal("theirs", value));

        await factory.AskAllAsync("DEL", "door");
        LockResult again = await mutex.TryLockAsync(Token);
        await factory.HeldByAllAsync("door");
        await factory.AskAllAsync("DEL", "door");
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(again.Token, Token)).Status);
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(again.Token, Token));
        Assert.All(await factory.StoredAsync("door"), Assert.Null);
    }

    // A node without scripts sets what it is told, so nobody tells it less than what a token of this process relies on.
    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task An_extension_by_a_shorter_expiry_takes_no_time_from_who_relies_on_it(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex shorter = factory.PatientMutex("door", _once);
        RedlockMutex longer = factory.PatientMutex("door", _once with { Expiry = TimeSpan.FromHours(1) });
        LockResult taken = await longer.TryLockAsync(Token);
        Assert.True(taken.IsAcquired);
        await factory.HeldByAllAsync("door");
        ExtendResult extended = await shorter.ExtendAsync(taken.Token, Token);
        Assert.True(extended.IsExtended);
        Assert.Equal(taken.Token.DeadlineTicks, extended.Token.DeadlineTicks);

        // The last node's extension has come before what follows it there.
        long[] left = await factory.TimeToLiveAsync("door");
        TimeProvider time = factory.Nodes[0].TimeProvider;
        double needed = time.GetElapsedTime(time.GetTimestamp(), taken.Token.DeadlineTicks).TotalMilliseconds;
        Assert.All(left, milliseconds => Assert.InRange(milliseconds, needed, TimeSpan.FromHours(1).TotalMilliseconds + 10_000));
        Assert.Equal(UnlockStatus.Released, await shorter.UnlockAsync(extended.Token, Token));
        await GoneAsync(factory, "door");
    }

    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task A_node_that_has_lost_the_lock_is_given_it_again(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _once);
        LockToken held = (await mutex.TryLockAsync(Token)).Token;
        await factory.HeldByAllAsync("door");
        for (int lost = 0; lost < factory.Nodes.Count && factory.Nodes.Count > 1; lost++)
        {
            await factory.Node(lost).SendAsync("DEL", "door");
            ExtendResult extended = await mutex.ExtendAsync(held, Token);
            Assert.True(extended.IsExtended, string.Join('\n', mutex.LastAttemptByAnyone));
            held = extended.Token;
            await factory.HeldByAllAsync("door");
        }

        // What somebody else has there meanwhile stays his.
        await factory.Node(0).SendAsync("SET", "door", "theirs", "PX", "60000");
        await mutex.ExtendAsync(held, Token);
        await mutex.UnlockAsync(held, Token);
        await Eventually.Holds(
            async () => (await factory.StoredAsync("door")).Skip(1).All(value => value is null), "it is gone from all others");
        Assert.Equal("theirs", (await factory.StoredAsync("door"))[0]);
    }

    // Without a mark nobody is woken: his own clock brings him back.
    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task Who_waits_in_another_process_asks_again_until_it_is_free(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory holder = await nodes.ConnectAllAsync();
        await using RedlockFactory waiter = await nodes.ConnectAllAsync();
        MutexOptions polling = MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromSeconds(60),
            Delay = TimeSpan.FromMilliseconds(20),
            Tries = 100_000,
        };
        LockHandle held = await holder.PatientMutex("door", polling).LockAsync(Token);
        await holder.HeldByAllAsync("door");
        ValueTask<LockHandle> waiting = waiter.PatientMutex("door", polling).LockAsync(Token);
        await waiter.InLineAsync(1);
        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();
        LockHandle passedOn = await waiting.AsTask().SoonAsync();
        Assert.True(passedOn.IsHeld);
        await passedOn.DisposeAsync();
        await GoneAsync(holder, "door");
    }

    // A wait of hours: only a succession can end it in time.
    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task A_holder_hands_the_lock_to_who_waits_in_his_process(Scriptless kind, int scriptless, int scripting)
    {
        const int Callers = 8;
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex mutex = factory.CreateMutex("door", Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(Token);
        await factory.HeldByAllAsync("door");
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
        await GoneAsync(factory, "door");
    }

    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task A_release_that_is_posted_frees_it(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _once with { Release = ReleaseMode.Posted });
        for (int cycle = 0; cycle < 100; cycle++)
        {
            await using (await mutex.LockAsync(Token))
            {
            }

            using (mutex.Lock(Token))
            {
            }
        }

        LockResult taken = await mutex.TryLockAsync(Token);
        Assert.True(mutex.PostUnlock(taken.Token));
        await GoneAsync(factory, "door");
    }

    [Theory]
    [MemberData(nameof(Quorums))]
    public async Task A_lock_that_is_renewed_outlives_its_expiry(Scriptless kind, int scriptless, int scripting)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, scriptless, scripting);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        LockHandle held = await factory.PatientMutex("door", MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromSeconds(5),
            Renew = RenewOptions.Every(0.05, Timeout.InfiniteTimeSpan),
        }).LockAsync(Token);
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.Holds(() => watch.Elapsed > TimeSpan.FromSeconds(6), "the first expiry is over");
        Assert.True(held.IsHeld);
        Assert.All(await factory.TimeToLiveAsync("door"), left => Assert.InRange(left, 1, 5_000));
        await held.DisposeAsync();
        await GoneAsync(factory, "door");
    }

    [Theory]
    [InlineData(Scriptless.Valkey)]
    [InlineData(Scriptless.Redis)]
    [InlineData(Scriptless.Server)]
    public async Task A_fenced_lock_is_refused_with_the_reason_and_others_go_on(Scriptless kind)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, 3);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex plain = factory.PatientMutex("door", _once);
        LockResult taken = await plain.TryLockAsync(Token);
        RedlockMutex fenced = factory.PatientMutex("gate", _once with { Fenced = true });
        Assert.Equal(LockStatus.Unavailable, (await fenced.TryLockAsync(Token)).Status);
        await Eventually.Holds(
            async () =>
            {
                await fenced.TryLockAsync(Token);
                return fenced.LastAttemptByAnyone.Count(node => node.Vote == NodeVote.Misconfigured) >= 2;
            },
            "two nodes say why");
        string error = Assert.IsType<string>(fenced.LastAttemptByAnyone.First(node => node.Vote == NodeVote.Misconfigured).Error);
        Assert.Contains("a fenced lock gets its number from a script, and the server runs none for this client", error);
        Assert.All(await factory.StoredAsync("gate"), Assert.Null);
        Assert.Equal(UnlockStatus.Released, await plain.UnlockAsync(taken.Token, Token));
        Assert.All(factory.Nodes, node => Assert.Equal(0, ((RespNode)node).Reconnects));
    }

    // The minority's refusal costs nothing but itself.
    [Theory]
    [InlineData(Scriptless.Valkey)]
    [InlineData(Scriptless.Redis)]
    [InlineData(Scriptless.Server)]
    public async Task A_fenced_lock_is_taken_where_a_quorum_runs_scripts(Scriptless kind)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, 1, 2);
        await using RedlockFactory factory = await nodes.ConnectAllAsync();
        RedlockMutex fenced = factory.PatientMutex("gate", _once with { Fenced = true });
        LockResult taken = await fenced.TryLockAsync(Token);
        Assert.True(taken.IsAcquired, string.Join('\n', fenced.LastAttemptByAnyone));
        Assert.NotEqual(0, taken.FencingToken);
        Assert.True((await fenced.ExtendAsync(taken.Token, Token)).IsExtended);
        Assert.Equal(UnlockStatus.Released, await fenced.UnlockAsync(taken.Token, Token));
        await GoneAsync(factory, "gate");
    }

    [Theory]
    [InlineData(Scriptless.Valkey)]
    [InlineData(Scriptless.Redis)]
    [InlineData(Scriptless.Server)]
    public async Task A_node_that_was_connected_before_it_had_a_factory_is_asked_anew(Scriptless kind)
    {
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(kind, 1);
        using RespNode own = RespNode.Connect(nodes.Endpoint(0));
        await own.WaitUntilConnectedAsync(Token);
        await using RedlockFactory factory = new(own);

        // What the first attempt has left behind on the connection that is given up is over with its expiry.
        RedlockMutex mutex = factory.PatientMutex("door", _once with { Expiry = TimeSpan.FromSeconds(2) });
        LockResult taken = default;
        await Eventually.Holds(async () => (taken = await mutex.TryLockAsync(Token)).IsAcquired, "it is taken");
        Assert.True((await mutex.ExtendAsync(taken.Token, Token)).IsExtended);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
        Assert.Equal([null], await factory.StoredAsync("door"));
        Assert.Equal(1, own.Reconnects);
    }

    private static Task GoneAsync(RedlockFactory factory, string name) => Eventually.Holds(
        async () => (await factory.StoredAsync(name)).All(value => value is null), $"{name} is gone from all nodes");

    private static async Task ServeAsync(RedlockMutex mutex, int caller, List<int> served)
    {
        LockHandle mine = await mutex.LockAsync(Token);
        served.Add(caller);
        await mine.DisposeAsync();
    }
}
