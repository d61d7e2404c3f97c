using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>
/// Takes and releases a name of its own in blocking calls that cannot be cancelled, never 20 ms without one, beside a lock that is renewed.
/// </summary>
/// <remarks>A blocking caller reads the connection itself, so the connection must not need a pause of its callers to come back.</remarks>
internal sealed class SteadyWorker
{
    private const int LongestPauseMilliseconds = 10;

    private static readonly TimeSpan _worthTelling = TimeSpan.FromSeconds(1);

    private readonly int _node;
    private readonly RedlockMutex _mutex;
    private readonly RedlockMutex _kept;
    private readonly Thread _thread;
    private long _locks;
    private volatile bool _isOver;

    public SteadyWorker(RedlockFactory factory, int node)
    {
        _node = node;
        MutexOptions options = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMilliseconds(300) };
        _mutex = factory.CreateMutex($"steady-{node}", options);
        _kept = factory.CreateMutex(
            $"kept-{node}",
            options with { Expiry = SteadyChecker.KeptExpiry, Renew = RenewOptions.Every(1 / 3d, Timeout.InfiniteTimeSpan) });
        _thread = new Thread(Work) { Name = _mutex.Name };
    }

    public void Start() => _thread.Start();

    /// <returns>How many locks it took.</returns>
    public long Finish()
    {
        _isOver = true;
        _thread.Join();
        return _locks;
    }

    private static long Now() => MonotonicTime.Shared.GetTimestamp();

    private void Work()
    {
        Random random = new(_node);
        long lastLock = Now();
        long keptSince = 0;
        LockToken kept = default;
        while (!_isOver)
        {
            if (!kept.IsDefault && _kept.Remaining(kept) == TimeSpan.Zero)
            {
                Tell(SteadyEventKind.Loss, keptSince, Now());
                kept = default;
            }

            if (kept.IsDefault)
            {
                kept = _kept.TryLock().Token;
                keptSince = Now();
            }

            LockResult result = _mutex.TryLock();
            if (result.IsAcquired)
            {
                long now = Now();
                TellGap(lastLock, now);
                lastLock = now;
                _locks++;
                _mutex.Unlock(result.Token);
            }

            Thread.Sleep(random.Next(LongestPauseMilliseconds));
        }

        TellGap(lastLock, Now());
        if (!kept.IsDefault)
        {
            _kept.Unlock(kept);
        }
    }

    private void TellGap(long start, long end)
    {
        if (MonotonicTime.Shared.GetElapsedTime(start, end) > _worthTelling)
        {
            Tell(SteadyEventKind.Gap, start, end);
        }
    }

    private void Tell(SteadyEventKind kind, long start, long end) => Console.WriteLine(new SteadyEvent(kind, _node, start, end).ToLine());
}
