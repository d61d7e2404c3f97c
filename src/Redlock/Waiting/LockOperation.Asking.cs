namespace Redlock.Fast;

// What a caller that stands in line sends once it is woken, and for how long.
internal sealed partial class LockOperation
{
    /// <summary>Asks the nodes, on the thread of whoever woke it.</summary>
    public void AskNow(Ask ask)
    {
        _attempt = ask == Ask.FirstNode ? Attempt.TakeFirst : Attempt.Take;
        RunRound(SettledBy.Other);
    }

    // The first attempt has the time that a node has, as one without a wait. A later one is cut short, and says nothing about the nodes.
    private void BoundByWait(long nowTicks)
    {
        long endTicks = _attempts > 1 ? _waitUntilTicks : Math.Max(_waitUntilTicks, nowTicks + Mutex.NodeLimitTicks);
        int roundTrips = _attempt == Attempt.TakeFirst ? 2 : 1;
        _endsWithWait = _attempt != Attempt.Succeed && endTicks - nowTicks < roundTrips * Mutex.NodeLimitTicks;
        if (_endsWithWait)
        {
            SetPause(_pause, endTicks);
        }
    }
}
