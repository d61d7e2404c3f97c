using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The program of the package's page, and the examples in the documentation of its members.</summary>
internal static class Snippets
{
    public static async Task PageAsync()
    {
        #region page-testing
        ManualTimeProvider clock = new();
        await using InProcessLocks locks = new(clock);
        RedlockMutex mutex = locks.CreateMutex("stock", MutexOptions.NonBlocking);
        LockHandle held = await mutex.LockAsync();
        clock.Advance(TimeSpan.FromSeconds(9));   // beyond the expiry of 8 s
        // held.IsHeld is false now, and somebody else may take it
        #endregion
        _ = held;
    }

    public static async Task LocksAsync()
    {
        #region example-InProcessLocks
        await using InProcessLocks locks = new();
        await using LockHandle elsewhere = await locks.CreateMutex("stock").LockAsync();
        LockResult taken = await locks.CreateMutex("stock", MutexOptions.NonBlocking).TryLockAsync();   // contended
        #endregion
        _ = taken;
    }

    public static async Task NodesAsync()
    {
        #region example-InMemoryNode
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        node.Stop();   // what is asked from now on ends as unavailable
        #endregion
    }

    public static async Task ServersAsync()
    {
        #region example-TempRedis
        await using TempRedis server = await TempRedis.StartAsync();
        await using RedlockFactory locks = RedlockFactory.Create(server.Endpoint);
        #endregion
    }
}
