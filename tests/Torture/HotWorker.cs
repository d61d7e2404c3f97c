using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Takes, extends, holds and releases names in every way a user may, and writes down what it relied on.</summary>
/// <remarks>Its mutexes are its own, so their last attempt is its last call.</remarks>
internal sealed class HotWorker
{
    private static readonly TimeSpan _sabotageTime = TimeSpan.FromMilliseconds(100);

    private readonly List<HotMutex> _mutexes;
    private readonly Random _random;
    private readonly HistoryLog _history;
    private readonly HotCalls _calls;
    private readonly Sabotage _sabotage;

    public HotWorker(IEnumerable<HotMutex> mutexes, Random random, HistoryLog history, HotCalls calls, Sabotage sabotage)
    {
        _mutexes = [.. mutexes];
        _random = random;
        _history = history;
        _calls = calls;
        _sabotage = sabotage;
    }

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            HotMutex hot = _mutexes[_random.Next(_mutexes.Count)];
            RedlockMutex mutex = hot.Mutex;
            long start = Now();
            LockToken token = await _calls.TakeAsync(hot);
            long handOver = Now();
            if (token.IsDefault)
            {
                await Task.Delay(_random.Next(1, 30), CancellationToken.None);
                continue;
            }

            // A wait is long, and votes are cast in its last attempt alone.
            long attempt = Math.Max(start, token.DeadlineTicks - hot.ValidityTicks - 1);
            _history.Claim(ClaimKind.Acquired, mutex.Name, token.Value, attempt, handOver, token.DeadlineTicks, Grants(mutex));
            token = await HoldAsync(mutex, token);
            await ReleaseAsync(mutex, token);
            await Task.Delay(_random.Next(0, 10), CancellationToken.None);
        }
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
                _history.Count(CallEnd.Extended);
                _history.Claim(
                    ClaimKind.Extended, mutex.Name, token.Value, start, handOver, token.DeadlineTicks, Grants(mutex));
            }
            else if (result.Status == ExtendStatus.NotHeld)
            {
                _history.Count(CallEnd.Lost);
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
            _history.Release(token.Value, Now());
            return;
        }

        _history.Release(token.Value, Now());
        if (_random.Next(4) == 0)
        {
            mutex.Unlock(token);
        }
        else
        {
            ValueTask<UnlockStatus> release = mutex.UnlockAsync(token);
            long sent = Now();
            await release;
            _history.ReleaseSent(token.Value, sent);
        }
    }
}
