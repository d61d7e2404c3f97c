namespace Redlock.Fast.Tests;

/// <summary>Which of the two faces of the library a test uses.</summary>
public enum Style
{
    Async = 0,
    Blocking,
}

/// <summary>The same calls in either style, with one token for all of them; blocking ones on a thread of their own.</summary>
internal sealed record Calls(Style Style, CancellationToken Token)
{
    /// <summary>Every number of nodes on every wire in every style.</summary>
    public static TheoryData<int, Wire, Style> Everywhere
    {
        get
        {
            TheoryData<int, Wire, Style> all = [];
            foreach (int nodes in (int[])[1, 3, 5])
            {
                foreach (Wire wire in Enum.GetValues<Wire>())
                {
                    foreach (Style style in Enum.GetValues<Style>())
                    {
                        all.Add(nodes, wire, style);
                    }
                }
            }

            return all;
        }
    }

    public static Calls In(Style style) => new(style, TestContext.Current.CancellationToken);

    public Task<LockResult> TryLockAsync(ILocker locker) =>
        Style == Style.Async ? locker.TryLockAsync(Token).AsTask() : OnThread(() => locker.TryLock(Token));

    public Task<LockHandle> LockAsync(ILocker locker) =>
        Style == Style.Async ? locker.LockAsync(Token).AsTask() : OnThread(() => locker.Lock(Token));

    public Task<UnlockStatus> UnlockAsync(RedlockMutex locker, LockToken token) =>
        Style == Style.Async ? locker.UnlockAsync(token, Token).AsTask() : OnThread(() => locker.Unlock(token, Token));

    public Task<ExtendResult> ExtendAsync(RedlockMutex locker, LockToken token) =>
        Style == Style.Async ? locker.ExtendAsync(token, Token).AsTask() : OnThread(() => locker.Extend(token, Token));

    public Task<WithLockResult> WithLockAsync(RedlockMutex mutex, Func<Task> action) => Style == Style.Async
        ? mutex.WithLockAsync(_ => action(), Token).AsTask()
        : OnThread(() => mutex.WithLock(() => action().GetAwaiter().GetResult(), Token));

    public async Task DisposeAsync(LockHandle handle)
    {
        if (Style == Style.Async)
        {
            await handle.DisposeAsync();
        }
        else
        {
            await OnThread(() =>
            {
                handle.Dispose();
                return true;
            });
        }
    }

    private static Task<T> OnThread<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
