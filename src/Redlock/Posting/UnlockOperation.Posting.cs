namespace Redlock.Fast;

// A release whose sender does not wait for it, and may send the next lock of the name right behind.
internal sealed partial class UnlockOperation
{
    private bool _areOthersAwaited;

    protected override bool CallsListeners =>
        Span is not null || LockMetrics.MeasuresReleases || Observation.IsWanted(Nodes.Observer);

    /// <summary>Sends the release; its outcome goes to whoever watches or measures.</summary>
    public void Post(MutexDefinition mutex, in Surrender given)
    {
        _given = given;
        Nodes.Posted.Begin(mutex);
        BeginUnawaited(mutex);
    }

    protected override void EndUnawaited()
    {
        TakeStatus();
        Nodes.Posted.End();
    }

    // Who is woken elsewhere by this release comes later than a lock that goes out right behind it. So that lock waits for the outcome,
    // which says for how long it waits then.
    private void AwaitOthers()
    {
        _areOthersAwaited = Nodes.Lines.TakeOthersExpected(Mutex.KeyHash);
        if (_areOthersAwaited)
        {
            Nodes.Lines.Yield(Mutex, Nodes.NowTicks + Mutex.NodeLimitTicks);
        }
    }
}
