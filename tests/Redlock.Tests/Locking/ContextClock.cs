namespace Redlock.Fast.Tests;

// A clock whose timers hand on the context of whoever made them, as those of the system do.
internal sealed class ContextClock(ContextWitness witness) : TimeProvider
{
    private long _fired;

    public long Fired => Interlocked.Read(ref _fired);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(
            given =>
            {
                witness.Look("timer");
                Interlocked.Increment(ref _fired);
                callback(given);
            },
            state,
            dueTime,
            period);
}
