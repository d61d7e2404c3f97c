namespace Redlock.Fast.Bench;

/// <summary>What a short-lived program does: connect, lock, release, end.</summary>
internal static class FirstLock
{
    public static void Run(string endpoint)
    {
        using RedlockFactory factory = RedlockFactory.Create(endpoint);
        RedlockMutex mutex = factory.CreateMutex("first-lock");
        using LockHandle held = mutex.Lock();
        Console.WriteLine("locked");
    }
}
