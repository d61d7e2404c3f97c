namespace Redlock.Fast.Resp;

/// <summary>
/// The waits between failed dials: doubling up to a longest, each with jitter, so that many clients do not return in step.
/// </summary>
internal sealed class ReconnectDelay(TimeSpan shortest, TimeSpan longest, NodeScheduler scheduler)
{
    private int _failures;

    public TimeSpan Longest => longest;

    public void Reset() => _failures = 0;

    /// <summary>Between half of the nominal wait and all of it.</summary>
    public TimeSpan Next()
    {
        TimeSpan nominal = shortest * Math.Pow(2, _failures);
        if (nominal < longest)
        {
            _failures++;
        }
        else
        {
            nominal = longest;
        }

        return nominal * (0.5 + (scheduler.NextJitter() / 2));
    }
}
