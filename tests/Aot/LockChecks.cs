namespace Redlock.Fast.Aot;

/// <summary>Each kind of call, on real servers.</summary>
internal static class LockChecks
{
    /// <summary>Takes, contends for, extends, hands over, renews and releases locks.</summary>
    public static async Task RunAsync(string[] endpoints)
    {
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync();
        RedlockMutex mutex = factory.CreateMutex("native", MutexOptions.NonBlocking);
        await AsynchronousAsync(mutex);
        Synchronous(mutex);
        await RenewedAsync(factory);
    }

    private static async Task AsynchronousAsync(RedlockMutex mutex)
    {
        LockResult taken = await mutex.TryLockAsync();
        CheckFailedException.Unless(taken.IsAcquired, $"A free name was answered with {taken.Status}.");
        LockResult second = await mutex.TryLockAsync();
        CheckFailedException.Unless(second.Status == LockStatus.Contended, $"A held name was answered with {second.Status}.");
        ExtendResult longer = await mutex.ExtendAsync(taken.Token);
        CheckFailedException.Unless(longer.IsExtended, $"An extension was answered with {longer.Status}.");
        LockToken handedOver = LockToken.Parse(longer.Token.Value);
        UnlockStatus released = await mutex.UnlockAsync(handedOver);
        CheckFailedException.Unless(released == UnlockStatus.Released, $"A release was answered with {released}.");
    }

    private static void Synchronous(RedlockMutex mutex)
    {
        using LockHandle held = mutex.Lock();
        CheckFailedException.Unless(held.IsHeld, "A lock that was just taken is not held.");
    }

    private static async Task RenewedAsync(RedlockFactory factory)
    {
        TimeSpan expiry = TimeSpan.FromMilliseconds(500);
        MutexOptions options = MutexOptions.Blocking with
        {
            Expiry = expiry,
            Renew = RenewOptions.Every(1.0 / 3, TimeSpan.FromMinutes(1)),
        };
        await using LockHandle held = await factory.CreateMutex("native:renewed", options).LockAsync();
        await Task.Delay(expiry * 2);
        CheckFailedException.Unless(held.IsHeld, "A renewed lock did not outlive its expiry.");
    }
}
