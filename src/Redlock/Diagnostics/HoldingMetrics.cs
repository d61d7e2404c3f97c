using System.Diagnostics.Metrics;

namespace Redlock.Fast;

/// <summary>
/// What is held now, all factories of the process together. Counted when somebody asks, so that whoever takes a lock pays nothing.
/// </summary>
internal sealed class HoldingMetrics
{
    public HoldingMetrics(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "redlock.locks.held", CountHeld, "{lock}", "Locks that were acquired, and are neither released nor past their deadline.");
        meter.CreateObservableUpDownCounter(
            "redlock.locks.kept", CountKept, "{lock}", "Held locks that are renewed or watched.");
    }

    public Census<Holding> Holdings { get; } = new();

    public Census<KeptLocks> Kept { get; } = new();

    /// <summary>Whether a factory's lock is held that was taken before a moment.</summary>
    public bool IsAnyHeldSince(int factory, long beforeTicks) =>
        Holdings.Present().Exists(holding => holding.Factory == factory && holding.IsHeldSince(beforeTicks));

    private long CountHeld()
    {
        long count = 0;
        foreach (Holding holding in Holdings.Present())
        {
            count += holding.IsHeldSince(long.MaxValue) ? 1 : 0;
        }

        return count;
    }

    private long CountKept()
    {
        long count = 0;
        foreach (KeptLocks kept in Kept.Present())
        {
            count += kept.IsEmpty ? 0 : kept.CountHeld();
        }

        return count;
    }
}
