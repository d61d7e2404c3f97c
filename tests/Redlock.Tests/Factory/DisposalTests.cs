using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class DisposalTests(SharedNodes shared)
{
    public static TheoryData<Style> Styles => [Style.Async, Style.Blocking];

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task What_waits_for_nodes_ends_as_unavailable(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(1);
        RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromMinutes(5),
            NodeTimeLimit = TimeSpan.FromMinutes(2),
            Delay = TimeSpan.FromHours(1),
        });
        LockResult held = await calls.TryLockAsync(mutex);
        servers[0].Pause();
        Task<LockResult> trying = calls.TryLockAsync(mutex);
        Task<LockHandle> locking = calls.LockAsync(mutex);
        Task<UnlockStatus> unlocking = calls.UnlockAsync(mutex, held.Token);

        // By its text, which knows nothing of the release.
        Task<ExtendResult> extending = calls.ExtendAsync(mutex, LockToken.Parse(held.Token.Value));
        await Eventually.Holds(() => factory.Node(0).Pending == 4, "all have asked");
        Assert.False(trying.IsCompleted || locking.IsCompleted || unlocking.IsCompleted || extending.IsCompleted);
        await factory.DisposeAsync();
        Assert.Equal(LockStatus.Unavailable, (await trying.SoonAsync()).Status);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => locking.SoonAsync());
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.Contains("disposed", failure.Message, StringComparison.Ordinal);
        Assert.Equal(UnlockStatus.Unknown, await unlocking.SoonAsync());
        Assert.Equal(ExtendStatus.Unavailable, (await extending.SoonAsync()).Status);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task What_pauses_between_tries_ends_as_unavailable(Style style)
    {
        Calls calls = Calls.In(style);
        RedlockFactory factory = await shared.ConnectAsync(3);
        using SemaphoreSlim pausing = new(0);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), new MutexOptions
        {
            DelayFunction = _ =>
            {
                pausing.Release();
                return TimeSpan.FromHours(1);
            },
        });
        Assert.True((await calls.TryLockAsync(mutex)).IsAcquired);
        Task<LockHandle> pending = calls.LockAsync(mutex);
        await pausing.WaitAsync(TestContext.Current.CancellationToken);
        factory.Dispose();
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => pending.SoonAsync());
        Assert.Equal(LockStatus.Unavailable, failure.Status);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task New_calls_are_refused_and_handles_go_quietly(Style style)
    {
        Calls calls = Calls.In(style);
        RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(2) });
        LockHandle held = await calls.LockAsync(mutex);
        factory.Dispose();
        factory.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.TryLockAsync(mutex));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.LockAsync(mutex));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.UnlockAsync(mutex, held));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.ExtendAsync(mutex, held));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.WithLockAsync(mutex, () => Task.CompletedTask));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => factory.WaitUntilConnectedAsync(TestContext.Current.CancellationToken));
        Assert.Throws<ObjectDisposedException>(() => factory.PatientMutex("door"));
        await calls.DisposeAsync(held);
        await calls.DisposeAsync(held);
    }

    [Fact]
    public async Task A_clock_that_stands_still_holds_up_no_disposal()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions
            {
                Node = new RespNodeOptions { TimeProvider = new ManualTimeProvider() },
                StopTimeLimit = TimeSpan.FromMilliseconds(20),
            },
            server.Endpoint);
        await Inspection.AllConnectedAsync(factory);
        server.Faults.Stall();
        Task<RespValue> pending = factory.Node(0).SendAsync("PING");
        await factory.DisposeAsync().AsTask().SoonAsync();
        await Assert.ThrowsAsync<RespRequestException>(() => pending.SoonAsync());
        server.Faults.Resume();
    }

    [Fact]
    public async Task Disposed_at_any_moment_nothing_hangs()
    {
        for (int round = 0; round < 20; round++)
        {
            RedlockFactory factory = await shared.ConnectAsync(3);
            RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), new MutexOptions
            {
                Expiry = TimeSpan.FromSeconds(10),
                Tries = int.MaxValue,
                DelayFunction = _ => TimeSpan.FromMicroseconds(Random.Shared.Next(200)),
            });
            Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => CycleUntilDisposedAsync(mutex)))];
            await Eventually.Holds(() => mutex.LastAttemptByAnyone.Any(outcome => outcome.Vote != NodeVote.NotAwaited), "locks are taken");
            Thread.SpinWait(Random.Shared.Next(100_000));
            factory.Dispose();
            await Task.WhenAll(clients).SoonAsync();
        }
    }

    private static async Task<int> CycleUntilDisposedAsync(RedlockMutex mutex)
    {
        for (int cycles = 0; ; cycles++)
        {
            try
            {
                await using LockHandle held = await mutex.LockAsync(CancellationToken.None);
            }
            catch (LockFailedException failure)
            {
                Assert.Equal(LockStatus.Unavailable, failure.Status);
            }
            catch (ObjectDisposedException)
            {
                return cycles;
            }
        }
    }
}
