namespace Redlock.Fast;

// What is told of a release, where its result is taken.
internal sealed partial class UnlockOperation
{
    // One lock makes one event: where it had run out before, nothing stays taken behind an unknown release either.
    private void Tell(bool isLate)
    {
        TellObserver();
        if (isLate)
        {
            if (_given.News == ReleaseNews.All)
            {
                Nodes.Events.TellOutlasted(Mutex, Nodes.Time.GetElapsedTime(_given.Token.DeadlineTicks, _startTicks));
            }
        }
        else if (_given.News != ReleaseNews.None && _status == UnlockStatus.Unknown && !IsCancelled)
        {
            Nodes.Events.TellReleaseUnknown(Mutex, Outcomes);
        }
    }

    private void Measure(bool isLate)
    {
        // A lock that ran out is no longer there to be released, and is the one to hear of; what somebody else took away is a loss instead.
        if (_given.Token.DeadlineTicks == 0 || (_status != UnlockStatus.Released && !(_status == UnlockStatus.NotHeld && isLate)))
        {
            return;
        }

        if (LockMetrics.HoldDuration.Enabled)
        {
            LockMetrics.Record(LockMetrics.HoldDuration, Nodes.Time.GetElapsedTime(_given.SinceTicks, _startTicks));
        }

        if (LockMetrics.RemainingAtRelease.Enabled)
        {
            LockMetrics.Record(
                LockMetrics.RemainingAtRelease, Nodes.Time.GetElapsedTime(_startTicks, Math.Max(_startTicks, _given.Token.DeadlineTicks)));
        }
    }

    private void TellObserver()
    {
        bool isCutOff = IsCancelled && _status == UnlockStatus.Unknown;
        if (!isCutOff && Observation.IsWanted(Nodes.Observer))
        {
            Observation.TellReleased(Nodes.Observer!, Mutex, _status);
        }
    }
}
