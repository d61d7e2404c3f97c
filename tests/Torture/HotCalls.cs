using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Every call that takes a name, and how it ended.</summary>
internal sealed class HotCalls(Random random, HistoryLog history)
{
    /// <returns>The default if it was not taken.</returns>
    public async Task<LockToken> TakeAsync(HotMutex hot)
    {
        RedlockMutex mutex = hot.Mutex;
        TimeSpan wait = TimeSpan.FromMilliseconds(hot.IsLine && random.Next(2) == 0 ? 8000 : random.Next(1, 2000));
        switch (random.Next(hot.IsLine ? 5 : 10))
        {
            case 0 when mutex.Options.WaitLimit is { } limit:
                return await WaitAsync(hot, limit, async () => Held((await mutex.LockAsync()).Token));
            case 1 when mutex.Options.WaitLimit is { } limit:
                TimeSpan patience = TimeSpan.FromMilliseconds(random.Next(1, hot.IsLine ? 500 : 60));
                return await WaitAsync(hot, limit < patience ? limit : patience, async () =>
                {
                    using CancellationTokenSource impatience = new(patience);
                    return Held((await mutex.LockAsync(impatience.Token)).Token);
                });
            case 2:
                return await WaitAsync(hot, wait, () => Task.FromResult(mutex.TryLock(wait)));
            case <= 4:
                return await WaitAsync(hot, wait, async () => await mutex.TryLockAsync(wait));
            case 5:
                return (await EndAsync(async () => Held((await mutex.LockAsync()).Token))).Token;
            case 6:
                return (await EndAsync(() => Task.FromResult(mutex.TryLock()))).Token;
            default:
                return (await EndAsync(async () => await mutex.TryLockAsync())).Token;
        }
    }

    private static LockResult Held(LockToken token) => new(LockStatus.Acquired, token);

    private async Task<LockToken> WaitAsync(HotMutex hot, TimeSpan wait, Func<Task<LockResult>> take)
    {
        long start = MonotonicTime.Shared.GetTimestamp();
        int number = history.BeginWait(hot.Mutex.Name, start, hot.BoundTicks(start, wait));
        (LockToken token, CallEnd end) = await EndAsync(take);
        history.EndWait(number, MonotonicTime.Shared.GetTimestamp(), end);
        return token;
    }

    private async Task<(LockToken Token, CallEnd End)> EndAsync(Func<Task<LockResult>> take)
    {
        LockToken token = default;
        CallEnd end;
        try
        {
            LockResult result = await take();
            token = result.Token;
            end = EndOf(result.Status);
        }
        catch (LockFailedException failure)
        {
            end = EndOf(failure.Status);
        }
        catch (OperationCanceledException)
        {
            end = CallEnd.Cancelled;
        }

        history.Count(end);
        return (token, end);
    }

    private static CallEnd EndOf(LockStatus status) => status switch
    {
        LockStatus.Acquired => CallEnd.Acquired,
        LockStatus.Contended => CallEnd.Contended,
        _ => CallEnd.Unavailable,
    };
}
