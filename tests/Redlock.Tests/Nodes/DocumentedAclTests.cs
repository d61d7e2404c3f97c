using Redlock.Fast.Simulation;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class DocumentedAclTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_permissions_that_operating_names_are_enough_to_lock(bool isFenced)
    {
        InstalledRedis.Require();
        string row = File.ReadLines(Path.Combine(SourceTree.Root, "docs", "operating.md")).Single(
            line => line.StartsWith("| ACL |", StringComparison.Ordinal));
        string permissions = row.Split('`')[1].Replace("\\|", "|", StringComparison.Ordinal);
        await using TempRedis redis = await TempRedis.StartAsync(
            new TempRedisOptions { Configuration = [$"user locks on >secret {permissions}"] }, TestContext.Current.CancellationToken);
        await using RedlockFactory factory = RedlockFactory.Create($"redis://locks:secret@{redis.Endpoint}");
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.PatientMutex("door", MutexOptions.NonBlocking with
        {
            KeyPrefix = "your-prefix:",
            Fenced = isFenced,
        });
        LockResult held = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Assert.True(held.IsAcquired, string.Join('\n', mutex.LastAttemptByAnyone));
        Assert.True(
            (await mutex.ExtendAsync(held.Token, TestContext.Current.CancellationToken)).IsExtended,
            string.Join('\n', mutex.LastAttemptByAnyone));
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken));
        LockResult elsewhere = await factory.PatientMutex("door", MutexOptions.NonBlocking).TryLockAsync(
            TestContext.Current.CancellationToken);
        Assert.Equal(LockStatus.Unavailable, elsewhere.Status);
    }
}
