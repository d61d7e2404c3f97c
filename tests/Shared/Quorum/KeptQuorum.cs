using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>Steps that tests of kept locks share: 8 s expiry, so 7918 ms validity, of which half is waited for each renewal.</summary>
internal static class KeptQuorum
{
    public static readonly TimeSpan Validity = TimeSpan.FromMilliseconds(7918);
    public static readonly TimeSpan Period = Validity / 2;
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(2);

    /// <summary>What remains of a kept lock that has just been taken or renewed.</summary>
    public static readonly TimeSpan Full = Validity - Margin;

    public static RenewOptions Always { get; } = RenewOptions.Every(0.5, Timeout.InfiniteTimeSpan);

    public static RedlockMutex KeepingMutex(this ScriptedQuorum quorum, RenewOptions? renew = null) =>
        quorum.Mutex(MutexOptions.NonBlocking with { Renew = renew ?? Always });

    public static async Task<LockHandle> TakeAsync(this ScriptedQuorum quorum, RedlockMutex mutex)
    {
        ValueTask<LockHandle> pending = mutex.LockAsync(TestContext.Current.CancellationToken);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        return await pending;
    }

    /// <summary>Answers one frame of each node, not the newest: behind a failed attempt comes its clean-up.</summary>
    public static void ReplyAllAt(this ScriptedQuorum quorum, int index, string wire)
    {
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Reply(index, wire);
        }
    }

    public static int Extensions(this ScriptedQuorum quorum) => quorum.Count(RedlockScripts.Extend.Sha1);

    public static int Releases(this ScriptedQuorum quorum) => quorum.Count(RedlockScripts.Release.Sha1);

    private static int Count(this ScriptedQuorum quorum, string script)
    {
        int[] counts = Array.ConvertAll(quorum.Nodes, node => node.Sent.Count(frame => frame.Arguments[1] == script));
        Assert.All(counts, count => Assert.Equal(counts[0], count));
        return counts[0];
    }
}
