namespace Redlock.Fast;

// What a mutex sends to nodes that have lost a lock of it.
internal sealed partial class MutexDefinition
{
    // Hardly any mutex needs it.
    public HealFrame HealFrame => field ??= IsFenced ? HealFrame.Fenced(_fenced) : HealFrame.Plain(_key);

    /// <summary>
    /// How long the keys still live that an extension up to this deadline has left on the nodes, in whole milliseconds, rounded down; zero
    /// or less if they do not.
    /// </summary>
    public long LifeMilliseconds(long deadlineTicks, long nowTicks)
    {
        long sinceTicks = nowTicks - (deadlineTicks - ValidityTicks);
        return _times.ExpiryMilliseconds - (long)Math.Ceiling(sinceTicks * 1000.0 / _clock.Time.TimestampFrequency);
    }
}
