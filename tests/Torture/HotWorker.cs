using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Takes, extends, holds and releases names in every way a user may, and writes down what it relied on.</summary>
/// <remarks>Its mutexes are its own, so their last attempt is its last call.</remarks>
internal sealed class HotWorker
{
    public static readonly TimeSpan LongestExpiry = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan[] _expiries = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), LongestExpiry];

    private static readonly TimeSpan _sabotageTime = TimeSpan.FromMilliseconds(100);

    private readonly List<RedlockMutex> _mutexes = [];
    private readonly Random _random;
    private readonly HistoryLog _history;
    private readonly Sabotage _sabotage;
    private ClientCounts _counts;

    public HotWorker(RedlockFactory factory, int names, Random random, HistoryLog history, Sabotage sabotage)
    {
        _random = random;
        _history = history;
        _sabotage = sabotage;
        foreach (TimeSpan expiry in _expiries)
        {
            for (int name = 0; name < names; name++)
            {
                MutexOptions options = MutexOptions.Blocking with { Expiry = expiry, Tries = 4, Delay = TimeSpan.FromMilliseconds(30) };
                _mutexes.Add(factory.CreateMutex($"hot-{name}", options));
            }
        }
    }

    public async Task<ClientCounts> RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            RedlockMutex mutex = _mutexes[_random.Next(_mutexes.Count)];
            long start = Now();
            LockToken token = await TakeAsync(mutex);
            long handOver = Now();
            if (token.IsDefault)
            {
                await Task.Delay(_random.Next(1, 30), CancellationToken.None);
                continue;
            }

            _counts = _counts with { Acquired = _counts.Acquired + 1 };
            _history.Claim(ClaimKind.Acquired, mutex.Name, token, start, handOver, Grants(mutex));
            token = await HoldAsync(mutex, token);
            await ReleaseAsync(mutex, token);
            await Task.Delay(_random.Next(0, 10), CancellationToken.None);
        }

        return _counts;
    }

    private static long Now() => MonotonicTime.Shared.GetTimestamp();

    private static uint Grants(RedlockMutex mutex)
    {
        uint nodes = 0;
        IReadOnlyList<NodeOutcome> outcomes = mutex.LastAttemptByAnyone;
        for (int node = 0; node < outcomes.Count; node++)
        {
            nodes |= outcomes[node].Vote == NodeVote.Granted ? 1u << node : 0;
        }

        return nodes;
    }

    private async Task<LockToken> TakeAsync(RedlockMutex mutex)
    {
        try
        {
            switch (_random.Next(8))
            {
                case 0:
                    return (await mutex.LockAsync()).Token;
                case 1:
                    using (CancellationTokenSource impatience = new(TimeSpan.FromMilliseconds(_random.Next(1, 60))))
                    {
                        return (await mutex.LockAsync(impatience.Token)).Token;
                    }

                case 2:
                    return Count(mutex.TryLock());
                default:
                    return Count(await mutex.TryLockAsync());
            }
        }
        catch (LockFailedException failure)
        {
            return Count(new LockResult(failure.Status, default));
        }
        catch (OperationCanceledException)
        {
            _counts = _counts with { Cancelled = _counts.Cancelled + 1 };
            return default;
        }
    }

    private LockToken Count(LockResult result)
    {
        _counts = result.Status switch
        {
            LockStatus.Contended => _counts with { Contended = _counts.Contended + 1 },
            LockStatus.Unavailable => _counts with { Unavailable = _counts.Unavailable + 1 },
            _ => _counts,
        };
        return result.Token;
    }

    private async Task<LockToken> HoldAsync(RedlockMutex mutex, LockToken token)
    {
        await Task.Delay(_random.Next(10) == 0 ? _random.Next(200, 700) : _random.Next(0, 30));
        for (int extensions = _random.Next(3); extensions > 0; extensions--)
        {
            long start = Now();
            ExtendResult result = await mutex.ExtendAsync(token);
            long handOver = Now();
            if (result.IsExtended)
            {
                token = result.Token;
                _counts = _counts with { Extended = _counts.Extended + 1 };
                _history.Claim(ClaimKind.Extended, mutex.Name, token, start, handOver, Grants(mutex));
            }
            else if (result.Status == ExtendStatus.NotHeld)
            {
                _counts = _counts with { Lost = _counts.Lost + 1 };
                return token;
            }

            await Task.Delay(_random.Next(0, 30));
        }

        return token;
    }

    private async Task ReleaseAsync(RedlockMutex mutex, LockToken token)
    {
        // Whoever forgets to release loses the name with the deadline, and no earlier.
        if (_random.Next(40) == 0)
        {
            return;
        }

        if (_sabotage == Sabotage.ClaimAfterRelease)
        {
            await mutex.UnlockAsync(token);
            await Task.Delay(_sabotageTime);
            _history.Release(token, Now());
            return;
        }

        _history.Release(token, Now());
        if (_random.Next(4) == 0)
        {
            mutex.Unlock(token);
        }
        else
        {
            await mutex.UnlockAsync(token);
        }
    }
}
