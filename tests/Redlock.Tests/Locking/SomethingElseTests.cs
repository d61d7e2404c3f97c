using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Something that is no lock stands under the key: a hash, a list. It is somebody else's.</summary>
public class SomethingElseTests(SharedNodes shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, Style.Async)]
    [InlineData(1, Style.Blocking)]
    [InlineData(3, Style.Async)]
    [InlineData(3, Style.Blocking)]
    public async Task It_is_told_as_somebody_elses_and_stays(int nodes, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking);
        LockResult taken = await calls.TryLockAsync(mutex);
        Assert.True(taken.IsAcquired);
        await factory.AskAllAsync("DEL", name);
        await factory.AskAllAsync("HSET", name, "field", "value");
        Assert.Equal(LockStatus.Contended, (await calls.TryLockAsync(mutex)).Status);
        Assert.Equal(ExtendStatus.NotHeld, (await calls.ExtendAsync(mutex, taken.Token)).Status);
        Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.Vote == NodeVote.HeldByOther && outcome.Error is null);
        Assert.Equal(UnlockStatus.NotHeld, await calls.UnlockAsync(mutex, taken.Token));
        Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.Vote == NodeVote.HeldByOther && outcome.Error is null);
        Assert.All(await factory.AskAllAsync("HGET", name, "field"), reply => Assert.Equal("value", reply.AsString()));
        await factory.AskAllAsync("DEL", name);
    }

    [Theory]
    [InlineData("-WRONGTYPE Operation against a key holding the wrong kind of value script: 6c28785d, on @user_script:1.\r\n")]
    [InlineData("-ERR Error running script (call to f_6c28785d): @user_script:1: WRONGTYPE Operation against a key holding the wrong "
        + "kind of value\r\n")]
    public async Task Servers_of_any_age_are_understood(string reply)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(reply);
        Assert.Equal(ExtendStatus.NotHeld, (await extending).Status);
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        quorum.ReplyAll(reply);
        Assert.Equal(UnlockStatus.NotHeld, await releasing);
        ValueTask<LockResult> locking = mutex.TryLockAsync(Token);
        quorum.ReplyAllAt(3, reply);
        Assert.Equal(LockStatus.Contended, (await locking).Status);
    }
}
