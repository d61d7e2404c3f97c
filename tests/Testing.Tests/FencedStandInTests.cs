using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>Fenced locks on the stand-ins.</summary>
public sealed class FencedStandInTests
{
    private static readonly MutexOptions _fenced = MutexOptions.NonBlocking with { Fenced = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_scripts_are_answered_as_by_a_real_server()
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        const string Proposal = "0001795724391385371";
        string take = FencingScripts.Take.Text;
        string raise = FencingScripts.Raise.Text;
        await pair.CompareAsync("EVAL", take, "2", "door", "{door}:fence", "ann", "600000", Proposal, "900000");
        await pair.CompareAsync("GET", "{door}:fence");
        (string real, string standIn) = await pair.AskBothAsync(
            "EVAL", take, "3", "door", "{door}:fence", "{door}:waiting", "ben", "600000", Proposal, "900000", "eve");
        Assert.StartsWith(":59", real, StringComparison.Ordinal);
        Assert.StartsWith(":59", standIn, StringComparison.Ordinal);
        await pair.CompareAsync("EXISTS", "{door}:waiting");
        await pair.CompareAsync("EVAL", take, "3", "door", "{door}:fence", "{door}:waiting", "ben", "600000", "5", "900000", "ann");
        await pair.CompareAsync("EVAL", raise, "2", "door", "{door}:fence", "ben", "600000", "0001795724391385390", "900000");
        await pair.CompareAsync("EVAL", raise, "2", "door", "{door}:fence", "ben", "600000", "0000000000000007", "900000");
        await pair.CompareAsync("EVAL", raise, "2", "door", "{door}:fence", "ann", "600000", "0008000000000000000", "900000");
        await pair.CompareAsync("GET", "{door}:fence");
        await pair.CompareAsync("TTL", "{door}:fence");
        await pair.CompareAsync("EVAL", raise, "2", "nosuch", "{door}:fence", "ann", "600000", "9", "900000");
        foreach (string broken in (string[])["seven", "-1", "1.5", "9000000000000000", "nan", "inf", ""])
        {
            await pair.CompareAsync("SET", "{window}:fence", broken);
            await pair.CompareAsync("EVAL", take, "2", "window", "{window}:fence", "ann", "600000", "5", "900000");
        }

        await pair.CompareAsync("SET", "{window}:fence", "8999999999999999");
        await pair.CompareAsync("EVAL", take, "2", "window", "{window}:fence", "ann", "600000", "5", "900000");
        await pair.CompareAsync("EVAL", raise, "2", "window", "{window}:fence", "ann", "600000", "5", "900000");
    }

    [Fact]
    public async Task Locks_in_the_process_are_fenced()
    {
        await using InProcessLocks locks = new();
        RedlockMutex mutex = locks.CreateMutex("stock", _fenced);
        LockResult first = await mutex.TryLockAsync(Cancellation);
        await mutex.UnlockAsync(first.Token, Cancellation);
        LockResult second = await mutex.TryLockAsync(Cancellation);
        Assert.True(second.FencingToken > first.FencingToken && first.FencingToken > 0);
    }

    [Fact]
    public async Task A_scripted_node_counts_for_a_fenced_lock()
    {
        await using ScriptedNode scripted = new();
        scripted.ExpectLock("stock", Reply.Ok, Reply.Ok, Reply.Ok, Reply.Nil, Reply.Nil, Reply.Nil)
            .ExpectExtend("stock", Reply.Done, Reply.Done, Reply.Done)
            .ExpectUnlock("stock", Reply.Done, Reply.Done, Reply.Done);
        RedlockMutex mutex = new RedlockFactory(scripted.Nodes(3)).CreateMutex("stock", _fenced with { Quorum = 3 });
        LockResult taken = await mutex.TryLockAsync(Cancellation);
        Assert.NotEqual(0, taken.FencingToken);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        Assert.Equal(taken.FencingToken, (await mutex.ExtendAsync(taken.Token, Cancellation)).Token.FencingToken);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));
        scripted.Verify();
    }
}
