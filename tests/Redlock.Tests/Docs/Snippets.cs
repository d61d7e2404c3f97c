using Redlock.Fast;

namespace Redlock.Fast.Tests;

/// <summary>The program of the package's page, and the examples in the documentation of its members.</summary>
internal static class Snippets
{
    public static async Task PageAsync()
    {
        #region page-redlock
        await using RedlockFactory locks = RedlockFactory.Create("redis-1:6379", "redis-2:6379", "redis-3:6379");
        RedlockMutex mutex = locks.CreateMutex("invoice:4711", MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(10) });

        await using (LockHandle held = await mutex.LockAsync())
        {
            Console.WriteLine($"Nobody else has {mutex.Name} for the next {held.Remaining.TotalSeconds:0.0} s.");
        }
        #endregion
    }

    public static async Task FactoryAsync()
    {
        #region example-RedlockFactory
        await using RedlockFactory locks = RedlockFactory.Create("redis-1:6379", "redis-2:6379", "redis-3:6379");
        RedlockMutex mutex = locks.CreateMutex("invoice:4711");
        await using LockHandle held = await mutex.LockAsync();
        #endregion
    }

    public static async Task StartAsync(RedlockFactory locks, CancellationToken stopping)
    {
        #region example-RedlockFactory.WaitUntilConnectedAsync
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        await locks.WaitUntilConnectedAsync(patience.Token);
        #endregion
        #region example-RedlockFactory.LockLost
        locks.LockLost += (mutex, lost) => Console.Error.WriteLine($"{mutex} was lost: {lost.Reason}");
        #endregion
    }

    public static void Create(string password)
    {
        #region example-RedlockFactory.Create
        using RedlockFactory one = RedlockFactory.Create("localhost:6379");
        using RedlockFactory three = RedlockFactory.Create("redis-1:6379", "unix:/run/redis.sock", "rediss://locks:secret@redis-3:6380");
        #endregion
        #region example-RedlockFactory.Create.options
        RedlockOptions options = new() { Node = new() { User = "locks", Password = password }, StopTimeLimit = TimeSpan.FromSeconds(1) };
        using RedlockFactory locks = RedlockFactory.Create(options, "redis-1:6379", "redis-2:6379", "redis-3:6379");
        #endregion
    }

    public static void Mutexes(RedlockFactory locks)
    {
        #region example-RedlockFactory.CreateMutex
        RedlockMutex waits = locks.CreateMutex("report");
        RedlockMutex triesOnce = locks.CreateMutex("report", MutexOptions.NonBlocking);
        #endregion
        #region example-MutexOptions
        MutexOptions options = MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(30), KeyPrefix = "shop:" };
        RedlockMutex mutex = locks.CreateMutex("stock", options);
        #endregion
        #region example-MutexOptions.Blocking
        RedlockMutex patient = locks.CreateMutex("stock", MutexOptions.Blocking with { WaitLimit = TimeSpan.FromSeconds(5) });
        #endregion
        #region example-MutexOptions.NonBlocking
        using LockResult taken = locks.CreateMutex("stock", MutexOptions.NonBlocking).TryLock();
        Console.WriteLine(taken.IsAcquired ? "mine" : $"not mine: {taken.Status}");
        #endregion
        #region example-MutexOptions.Renew
        RenewOptions renew = RenewOptions.Every(1.0 / 3, maxHoldTime: TimeSpan.FromMinutes(10));
        RedlockMutex longWork = locks.CreateMutex("report", MutexOptions.Blocking with { Renew = renew });
        #endregion
        _ = (waits, triesOnce, mutex, patient, longWork);
    }

    public static async Task FenceAsync(RedlockFactory locks, Func<long, Task> write)
    {
        Task WriteIfNotOlderAsync(long token) => write(token);

        #region example-MutexOptions.Fenced
        RedlockMutex mutex = locks.CreateMutex("account:4711", MutexOptions.Blocking with { Fenced = true });
        await using LockHandle held = await mutex.LockAsync();
        await WriteIfNotOlderAsync(held.FencingToken);
        #endregion
    }

    public static async Task TryAsync(RedlockMutex mutex, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        Task WorkAsync(CancellationToken lost) => work(lost);

        #region example-RedlockMutex
        await using LockResult taken = await mutex.TryLockAsync(TimeSpan.FromSeconds(2), cancellationToken);
        if (taken.IsAcquired)
        {
            await WorkAsync(taken.Handle.Lost);
        }
        #endregion
    }

    public static async Task TryOnceAsync(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        #region example-ILocker.TryLockAsync
        await using LockResult taken = await mutex.TryLockAsync(cancellationToken);
        string told = taken.Status switch
        {
            LockStatus.Acquired => "it is mine until the end of this block",
            LockStatus.Contended => "somebody else has it",
            _ => "too few nodes answered: an outage",
        };
        #endregion
        Console.WriteLine(told);
    }

    public static async Task TryForATimeAsync(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        #region example-RedlockMutex.TryLockAsync.wait
        await using LockResult taken = await mutex.TryLockAsync(TimeSpan.FromSeconds(5), cancellationToken);
        if (!taken.IsAcquired)
        {
            Console.Error.WriteLine(taken);   // whether somebody else has it or too few nodes answered, and what each said
            return;
        }
        #endregion
    }

    public static async Task TellAsync(RedlockFactory locks, RedlockMutex mutex, CancellationToken cancellationToken)
    {
        #region example-RedlockMutex.TryLockAsync.outcomes
        NodeOutcome[] outcomes = new NodeOutcome[locks.Nodes.Count];
        await using LockResult taken = await mutex.TryLockAsync(outcomes, cancellationToken);
        if (taken.Status == LockStatus.Unavailable)
        {
            Console.Error.WriteLine(string.Join('\n', outcomes));
        }
        #endregion
    }

    public static async Task LockAsync(ILocker mutex, Func<Task> send, CancellationToken cancellationToken)
    {
        Task SendAsync() => send();

        #region example-ILocker.LockAsync
        await using (LockHandle held = await mutex.LockAsync(cancellationToken))
        {
            await SendAsync();
        }
        #endregion
    }

    public static async Task FailAsync(ILocker mutex, CancellationToken cancellationToken)
    {
        #region example-LockFailedException
        try
        {
            await using LockHandle held = await mutex.LockAsync(cancellationToken);
        }
        catch (LockFailedException failed) when (failed.Status == LockStatus.Contended)
        {
            Console.WriteLine($"{failed.Name} is somebody else's.");
        }
        #endregion
    }

    public static async Task RunAsync(RedlockMutex mutex, Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        Task WriteReportAsync(CancellationToken lost) => write(lost);

        #region example-RedlockMutex.WithLockAsync
        WithLockResult ran = await mutex.WithLockAsync(async lost => await WriteReportAsync(lost), cancellationToken);
        if (!ran)
        {
            Console.Error.WriteLine(ran);   // who has it, or what each node said
        }
        #endregion
    }

    public static async Task ExtendAsync(RedlockMutex mutex, LockToken token, CancellationToken cancellationToken)
    {
        #region example-RedlockMutex.ExtendAsync
        ExtendResult longer = await mutex.ExtendAsync(token, cancellationToken);
        if (longer.Status == ExtendStatus.NotHeld)
        {
            throw new InvalidOperationException("The lock is lost: stop.");
        }
        #endregion
        #region example-RedlockMutex.UnlockAsync
        UnlockStatus status = await mutex.UnlockAsync(token, cancellationToken);
        Console.WriteLine(status == UnlockStatus.NotHeld ? "It had been lost." : "It is free, or will be at its expiry.");
        #endregion
    }

    public static async Task HoldAsync(RedlockMutex mutex, Func<CancellationToken, Task> work)
    {
        Task WorkAsync(CancellationToken lost) => work(lost);

        #region example-LockHandle
        await using LockHandle held = await mutex.LockAsync();
        while (held.Remaining > TimeSpan.FromSeconds(1))
        {
            await WorkAsync(held.Lost);
        }
        #endregion
    }

    public static async Task StopAsync(RedlockMutex mutex, HttpClient client, Uri target)
    {
        #region example-LockHandle.Lost
        await using LockHandle held = await mutex.LockAsync();
        using HttpResponseMessage answer = await client.GetAsync(target, held.Lost);
        #endregion
    }

    public static void Keep(LockHandle held)
    {
        #region example-LockHandle.KeepAlive
        if (!held.KeepAlive(RenewOptions.Every(1.0 / 3, maxHoldTime: TimeSpan.FromMinutes(10))))
        {
            throw new InvalidOperationException("The lock is lost already.");
        }
        #endregion
    }

    public static async Task HandOverAsync(LockHandle held, RedlockMutex elsewhere, Func<string, Task<string>> send)
    {
        Task<string> SendAsync(string text) => send(text);

        #region example-LockHandle.Detach
        LockToken token = held.Detach();
        string text = await SendAsync(token.Value);
        #endregion
        #region example-LockToken.Parse
        LockToken taken = LockToken.Parse(text);
        await using LockHandle mine = elsewhere.Attach(taken);
        mine.KeepAlive(RenewOptions.Every(1.0 / 3, maxHoldTime: TimeSpan.FromMinutes(10)));
        #endregion
    }
}
