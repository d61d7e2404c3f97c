namespace Redlock.Fast.Unit.Tests;

public class MutexKeyTests
{
    [Fact]
    public void One_of_prefix_and_name_may_be_empty()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Factory.CreateMutex("", MutexOptions.NonBlocking with { KeyPrefix = "app:leader" });
        Assert.Equal("", mutex.Name);
        _ = mutex.TryLockAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.Equal("app:leader", Assert.Single(quorum.Nodes[0].Sent).Arguments[1]);
        Assert.Equal("app:leader", quorum.Factory.CreateMutex("app:leader", MutexOptions.NonBlocking).Name);
    }

    [Fact]
    public void The_key_may_not_be()
    {
        using ScriptedQuorum quorum = new(1);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => quorum.Factory.CreateMutex("", MutexOptions.NonBlocking));
        Assert.Contains("so is its prefix", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => quorum.Factory.CreateMutex(null!, MutexOptions.NonBlocking with { KeyPrefix = "app:" }));
    }
}
