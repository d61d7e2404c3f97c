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
    private readonly SteadyKeeper _keeper;
    private readonly Thread _thread;
    private long _locks;
    private volatile bool _isOver;

    public SteadyWorker(RedlockFactory factory, int node)
    {
        _node = node;
        MutexOptions options = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMilliseconds(300) };
        _mutex = factory.CreateMutex($"steady-{node}", options);
        _keeper = new SteadyKeeper(factory, node, options);
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
        while (!_isOver)
        {
            if (_keeper.TryFindLoss(out SteadyEvent loss))
            {
                Console.WriteLine(loss.ToLine());
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
        _keeper.Finish();
    }

    private void TellGap(long start, long end)
    {
        if (MonotonicTime.Shared.GetElapsedTime(start, end) > _worthTelling)
        {
            Console.WriteLine(new SteadyEvent(SteadyEventKind.Gap, _node, start, end).ToLine());
        }
    }
}
