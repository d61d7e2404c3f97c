using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>A server that was restarted with its data, and takes long to load it, under callers that wait.</summary>
[Trait("Waits", "long")]
public sealed class SlowLoadingTests
{
    private const int TriesMeanwhile = 40;

    private static readonly TimeSpan _delay = TimeSpan.FromMilliseconds(50);

    // It looks after its clients at each key, and is so slow that the loading goes on until the test makes it quick.
    private static readonly TempRedisOptions _slow = new()
    {
        Configuration = ["key-load-delay 10000", "loading-process-events-interval-bytes 1024", "rdbcompression no"],
        ReadyLimit = Eventually.Patience * 2,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Whoever_waits_gets_the_lock_once_it_has_loaded(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes, _slow);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        await factory.AskAllAsync("EVAL", "for key = 1, 4000 do redis.call('SET', 'data:' .. key, string.rep('x', 1000)) end", "0");
        Task restart = servers[0].RestartAsync(NodeData.Keep, Token);
        MutexOptions everyNode = MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(30), Quorum = nodes };
        await LoadingIsToldAsync(factory.PatientMutex("probe", everyNode));

        Calls[] calls =
        [
            Calls.In(Style.Async),
            Calls.In(Style.Blocking),
            new(Style.Async, CancellationToken.None),
            new(Style.Blocking, CancellationToken.None),
        ];
        int[] tries = new int[calls.Length];
        RedlockMutex[] mutexes = [.. calls.Select((_, caller) => factory.PatientMutex($"door {caller}", everyNode with
        {
            Tries = int.MaxValue,
            DelayFunction = tried =>
            {
                Volatile.Write(ref tries[caller], tried);
                return _delay;
            },
        }))];
        Task<LockHandle>[] waiting = [.. calls.Select((call, caller) => call.LockAsync(mutexes[caller]))];
        await Eventually.Holds(() => tries.All(tried => tried >= TriesMeanwhile), "each has tried often");
        Assert.DoesNotContain(waiting, wait => wait.IsCompleted);
        await AssertTheOthersSufficeAsync(factory, calls);

        Assert.False((await factory.Node(0).SendAsync("CONFIG", "SET", "key-load-delay", "0")).IsError);
        await restart.SoonAsync();
        for (int caller = 0; caller < calls.Length; caller++)
        {
            LockHandle held = await waiting[caller].SoonAsync();
            Assert.True(held.IsHeld);
            Assert.Equal(UnlockStatus.Released, await calls[caller].UnlockAsync(mutexes[caller], held).SoonAsync());
            Assert.All(await factory.StoredAsync(mutexes[caller].Name), Assert.Null);
        }

        Assert.Equal(1, factory.Node(0).Reconnects);
    }

    private static Task LoadingIsToldAsync(RedlockMutex probe) => Eventually.Holds(async () =>
    {
        LockResult result = await probe.TryLockAsync(Token);
        await probe.UnlockAsync(result.Token, Token);
        Assert.False(result.LooksMisconfigured, string.Join("; ", probe.LastAttemptByAnyone));
        NodeOutcome outcome = probe.LastAttemptByAnyone[0];
        Assert.NotEqual(NodeVote.Misconfigured, outcome.Vote);
        return outcome is { Cause: NodeCause.ErrorReply, ErrorCode: "LOADING" };
    }, "the node says that it loads");

    private static async Task AssertTheOthersSufficeAsync(RedlockFactory factory, Calls[] calls)
    {
        RedlockMutex mutex = factory.PatientMutex("window", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(30) });
        foreach (Calls call in calls)
        {
            LockResult taken = await call.TryLockAsync(mutex).SoonAsync();
            bool isAlone = factory.Nodes.Count == 1;
            Assert.Equal(isAlone ? LockStatus.Unavailable : LockStatus.Acquired, taken.Status);
            Assert.Equal(isAlone ? UnlockStatus.NotHeld : UnlockStatus.Released, await call.UnlockAsync(mutex, taken.Token).SoonAsync());
        }
    }
}
