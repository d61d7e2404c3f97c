using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>A mutex of one worker, and the times that its calls must keep.</summary>
internal sealed class HotMutex
{
    // A quarter of the shortest expiry, so that a node that is held up costs a wait little.
    private static readonly TimeSpan _nodeTimeLimit = TimeSpan.FromMilliseconds(75);

    private HotMutex(RedlockFactory factory, string name, MutexOptions options)
    {
        Mutex = factory.CreateMutex(name, options with { NodeTimeLimit = _nodeTimeLimit });
        TimeSpan validity = options.Expiry - (options.Expiry * options.Factor) - TimeSpan.FromMilliseconds(2);
        ValidityTicks = ToTicks(validity);
    }

    public RedlockMutex Mutex { get; }

    /// <summary>From the start of the attempt that takes it to the deadline of what it takes.</summary>
    public long ValidityTicks { get; }

    public bool IsLine => Mutex.Name == HotNames.Line;

    /// <summary>Those of a worker that tries, and now and then waits.</summary>
    public static IEnumerable<HotMutex> ForTrying(RedlockFactory factory, int names) =>
        from expiry in HotNames.Expiries
        from name in Enumerable.Range(0, names)
        from wait in (TimeSpan?[])[null, TimeSpan.FromMilliseconds(700)]
        select new HotMutex(factory, HotNames.Of(name), MutexOptions.Blocking with
        {
            // A delay beyond the wait leaves only what wakes, and the end of the wait.
            Expiry = expiry, Tries = 4, Delay = TimeSpan.FromMilliseconds(wait is null ? 30 : 5000), WaitLimit = wait,
        });

    /// <summary>Those of a worker that always waits.</summary>
    public static IEnumerable<HotMutex> ForWaiting(RedlockFactory factory) =>
        from expiry in HotNames.LineExpiries
        from wait in (TimeSpan[])[TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8)]
        select new HotMutex(factory, HotNames.Line, MutexOptions.Blocking with
        {
            Expiry = expiry, Delay = HotNames.LineDelay, WaitLimit = wait,
        });

    /// <summary>When a wait must be over that begins now: its last attempt has the time that a node has.</summary>
    public long BoundTicks(long startTicks, TimeSpan wait) => startTicks + ToTicks(wait + _nodeTimeLimit);

    private static long ToTicks(TimeSpan duration) => (long)(duration.TotalSeconds * MonotonicTime.Shared.TimestampFrequency);
}
