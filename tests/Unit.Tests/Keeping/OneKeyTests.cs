using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Mutexes of one key, however it is split into prefix and name.</summary>
public class OneKeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_release_through_another_split_is_no_loss(bool renewed)
    {
        using ScriptedQuorum quorum = new(3);
        using LossWitness witness = new(quorum);
        MutexOptions options = MutexOptions.NonBlocking with
        {
            Continuation = ContinuationMode.Inline,
            Renew = renewed ? KeptQuorum.Always : null,
        };
        RedlockMutex split = quorum.Factory.CreateMutex("x", options with { KeyPrefix = "app:" });
        RedlockMutex whole = quorum.Factory.CreateMutex("app:x", options);
        LockHandle held = await quorum.TakeAsync(split);
        CancellationToken lost = held.Lost;
        ValueTask<UnlockStatus> releasing = whole.UnlockAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.False(held.IsHeld);
        Assert.Equal(CancellationToken.None, held.Lost);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(0, quorum.Extensions());
        Assert.Equal(0, await witness.CountAsync());
    }

    [Fact]
    public async Task An_extension_through_another_split_moves_the_deadline()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex split = quorum.Factory.CreateMutex(
            "x", MutexOptions.NonBlocking with { Continuation = ContinuationMode.Inline, KeyPrefix = "app:" });
        RedlockMutex whole = quorum.Factory.CreateMutex("app:x", split.Options with { KeyPrefix = "" });
        LockHandle held = await quorum.TakeAsync(split);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period);
        ValueTask<ExtendResult> extending = whole.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        quorum.Clock.Advance(KeptQuorum.Period + KeptQuorum.Margin);
        Assert.False(lost.IsCancellationRequested);
        Assert.True(whole.Detach(held).DeadlineTicks > held.Token.DeadlineTicks);
    }
}
