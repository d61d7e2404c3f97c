using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Callers of both styles that take and release a name without pause, and note when each of them held it.</summary>
internal sealed class SteadyCallers : IDisposable
{
    private static readonly MutexOptions _options = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMilliseconds(300) };

    private readonly Lock _gate = new();
    private readonly List<Held> _held = [];
    private readonly List<Thread> _threads = [];
    private readonly List<Task> _tasks = [];
    private readonly List<Exception> _failures = [];
    private long[] _locks = [];
    private volatile bool _isOver;

    /// <summary>How many locks each caller has taken.</summary>
    public long[] Locks => [.. _locks.Select((_, caller) => Volatile.Read(ref _locks[caller]))];

    /// <summary>
    /// Starts one blocking caller without a token, one with one, and one that awaits, on each factory; each wants the name of its number.
    /// </summary>
    public static SteadyCallers Start(Func<int, string> nameOf, params RedlockFactory[] factories)
    {
        SteadyCallers callers = new() { _locks = new long[factories.Length * 3] };
        for (int factory = 0; factory < factories.Length; factory++)
        {
            RedlockFactory locks = factories[factory];
            int first = factory * 3;
            CancellationToken cancellation = TestContext.Current.CancellationToken;
            callers.StartThread(() => callers.Block(locks.CreateMutex(nameOf(first), _options), first, CancellationToken.None));
            callers.StartThread(() => callers.Block(locks.CreateMutex(nameOf(first + 1), _options), first + 1, cancellation));
            callers._tasks.Add(Task.Run(() => callers.AwaitAsync(locks.CreateMutex(nameOf(first + 2), _options), first + 2), cancellation));
        }

        return callers;
    }

    /// <summary>Waits until each caller has taken so many locks more.</summary>
    public Task MoreLocksAsync(int locks)
    {
        long[] before = Locks;
        return Eventually.Holds(
            () => Locks.Zip(before).All(pair => pair.First >= pair.Second + locks), $"each caller has {locks} locks more");
    }

    /// <summary>Ends the callers; fails if one of them has met what a caller must not meet, or if two held a name at a time.</summary>
    public async Task StopAsync()
    {
        _isOver = true;
        await Task.WhenAll(_tasks).SoonAsync();
        Assert.All(_threads, thread => Assert.True(thread.Join(Eventually.Patience), "A blocking caller hangs."));
        Assert.Empty(_failures);
        foreach (IGrouping<string, Held> name in _held.GroupBy(held => held.Name))
        {
            Held before = default;
            foreach (Held held in name.OrderBy(held => held.FromTicks))
            {
                Assert.True(held.FromTicks >= before.UntilTicks, $"Two held the name at a time: {before} and {held}.");
                before = held;
            }
        }
    }

    public void Dispose() => _isOver = true;

    private void StartThread(Action work)
    {
        Thread thread = new(() =>
        {
            try
            {
                work();
            }
            catch (Exception failure)
            {
                lock (_gate)
                {
                    _failures.Add(failure);
                }
            }
        })
        { IsBackground = true };
        thread.Start();
        _threads.Add(thread);
    }

    private void Block(RedlockMutex mutex, int caller, CancellationToken cancellation)
    {
        while (!_isOver)
        {
            LockResult result = mutex.TryLock(cancellation);
            if (result.IsAcquired)
            {
                Note(mutex.Name, caller, result.Token);
                mutex.Unlock(result.Token, cancellation);
            }

            Thread.Sleep(Random.Shared.Next(5));
        }
    }

    private async Task AwaitAsync(RedlockMutex mutex, int caller)
    {
        while (!_isOver)
        {
            LockResult result = await mutex.TryLockAsync(CancellationToken.None);
            if (result.IsAcquired)
            {
                Note(mutex.Name, caller, result.Token);
                await mutex.UnlockAsync(result.Token, CancellationToken.None);
            }

            await Task.Delay(Random.Shared.Next(5), CancellationToken.None);
        }
    }

    private void Note(string name, int caller, LockToken token)
    {
        long from = MonotonicTime.Shared.GetTimestamp();
        Thread.SpinWait(100);
        long until = Math.Min(MonotonicTime.Shared.GetTimestamp(), token.DeadlineTicks);
        lock (_gate)
        {
            if (until > from)
            {
                _held.Add(new Held(name, caller, from, until));
            }

            _locks[caller]++;
        }
    }

    private readonly record struct Held(string Name, int Caller, long FromTicks, long UntilTicks);
}
