namespace Redlock.Fast.Simulation;

/// <summary>
/// A clock with a rate and an offset of its own, in nanoseconds: a pure function of true time, so that it can be asked both ways.
/// </summary>
internal sealed class SkewedClock(long offset, long partsAMillion)
{
    private const long Million = 1_000_000;
    private long _offset = offset;

    /// <summary>What the clock shows at a moment of true time.</summary>
    public long Read(long trueTime) => _offset + trueTime + (trueTime * partsAMillion / Million);

    /// <summary>The first moment of true time at which the clock shows at least <paramref name="reading"/>.</summary>
    public long TrueTimeOf(long reading)
    {
        long trueTime = Math.Max(0, (reading - _offset) * Million / (Million + partsAMillion));
        while (trueTime > 0 && Read(trueTime - 1) >= reading)
        {
            trueTime--;
        }

        while (Read(trueTime) < reading)
        {
            trueTime++;
        }

        return trueTime;
    }

    /// <summary>What no lock survives: the clock leaps.</summary>
    public void StepForward(long nanoseconds) => _offset += nanoseconds;
}
