using Redlock.Fast.Testing;

namespace Redlock.Fast.Aot;

/// <summary>The doubles that tests use in place of servers.</summary>
internal static class DoubleChecks
{
    /// <summary>Locks without a socket, and on a node in memory that runs scripts.</summary>
    public static async Task RunAsync()
    {
        await using InProcessLocks locks = new();
        await CycleAsync(locks.CreateMutex("native:in-process"));

        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory factory = RedlockFactory.Create(node.Endpoint);
        await factory.WaitUntilConnectedAsync();
        await CycleAsync(factory.CreateMutex("native:in-memory"));
    }

    private static async Task CycleAsync(RedlockMutex mutex)
    {
        LockResult taken = await mutex.TryLockAsync();
        UnlockStatus released = await mutex.UnlockAsync(taken.Token);
        CheckFailedException.Unless(released == UnlockStatus.Released, $"{mutex.Name} was answered with {taken.Status} and {released}.");
    }
}
