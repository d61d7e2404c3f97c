using Redlock.Fast;

// Two programs in one, so that they differ in nothing but the lock.
if (args is not [string endpoint])
{
    Console.WriteLine("hello");
    return;
}

using RedlockFactory factory = RedlockFactory.Create(endpoint);
RedlockMutex mutex = factory.CreateMutex("first-lock");
using LockHandle held = mutex.Lock();
Console.WriteLine("locked");
