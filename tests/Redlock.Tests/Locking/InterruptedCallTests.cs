using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

public class InterruptedCallTests(SharedNodes shared)
{
    private static readonly LockToken _someone = LockToken.Parse("AQIDBAUGBwgJCgsMDQ4PEA==");

    public enum Operation
    {
        TryLock,
        Lock,
        WithLock,
        Extend,
        Unlock,
    }

    public static TheoryData<Operation, int> Everywhere =>
        new(from call in Enum.GetValues<Operation>() from nodes in (int[])[1, 3] select (call, nodes));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public void A_blocked_call_ends_and_what_it_sent_to_take_is_released(Operation call, int nodes)
    {
        using ScriptedQuorum quorum = new(nodes);
        RedlockMutex mutex = quorum.Mutex();
        Assert.IsType<ThreadInterruptedException>(Interrupted(() => Run(mutex, call), () => quorum.Nodes[^1].Sent.Count == 1));
        if (call is Operation.Extend or Operation.Unlock)
        {
            Assert.All(quorum.Nodes, node => Assert.Single(node.Sent));
            return;
        }

        Assert.All(quorum.Nodes, ScriptedChannel.AssertWithdrawnBehindItsSet);
    }

    [Fact]
    public void A_call_that_waits_between_two_tries_ends()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(new MutexOptions { DelayFunction = _ => TimeSpan.FromHours(1) });
        Exception? thrown = Interrupted(() => mutex.Lock(CancellationToken.None), () =>
        {
            if (quorum.Nodes[0].Sent.Count == 0)
            {
                return false;
            }

            quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
            return true;
        });
        Assert.IsType<ThreadInterruptedException>(thrown);
        quorum.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Single(quorum.Nodes[0].Sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Whenever_it_comes_no_lock_stays_behind_and_the_nodes_go_on(int nodes)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking);
        for (int turn = 0; turn < 300; turn++)
        {
            using ManualResetEventSlim started = new();
            Thread caller = new(() =>
            {
                started.Set();
                LockResult taken = default;
                try
                {
                    taken = mutex.TryLock(CancellationToken.None);
                }
                catch (ThreadInterruptedException)
                {
                    // Seldom on a busy machine: the call is over before.
                }

                Release(mutex, taken.Token);
            });
            caller.Start();
            started.Wait(Token);
            Thread.SpinWait(turn * 40);
            caller.Interrupt();
            Assert.True(caller.Join(Eventually.Patience));
            Assert.All(await factory.StoredAsync(name), Assert.Null);
        }

        Assert.All(factory.Nodes, node => Assert.Equal(0, ((RespNode)node).Reconnects));
        LockResult last = await mutex.TryLockAsync(Token);
        Assert.True(last.IsAcquired);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(last.Token, Token));
    }

    private static void Release(RedlockMutex mutex, LockToken taken)
    {
        try
        {
            mutex.Unlock(taken, CancellationToken.None);
        }
        catch (ThreadInterruptedException)
        {
            // It has been sent.
        }
    }

    private static void Run(RedlockMutex mutex, Operation call)
    {
        switch (call)
        {
            case Operation.TryLock:
                mutex.TryLock(CancellationToken.None);
                break;
            case Operation.Lock:
                mutex.Lock(CancellationToken.None);
                break;
            case Operation.WithLock:
                mutex.WithLock(static () => { }, CancellationToken.None);
                break;
            case Operation.Extend:
                mutex.Extend(_someone, CancellationToken.None);
                break;
            default:
                mutex.Unlock(_someone, CancellationToken.None);
                break;
        }
    }

    private static Exception? Interrupted(Action call, Func<bool> isBlocked)
    {
        Exception? thrown = null;
        Thread caller = new(() => thrown = Record.Exception(call));
        caller.Start();
        Assert.True(SpinWait.SpinUntil(isBlocked, Eventually.Patience));
        caller.Interrupt();
        Assert.True(caller.Join(Eventually.Patience), "The call goes on.");
        return thrown;
    }
}
