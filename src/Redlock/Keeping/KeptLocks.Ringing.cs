namespace Redlock.Fast;

// What is done when a kept lock is due: it is renewed, or counts as lost, or is forgotten.
internal sealed partial class KeptLocks
{
    private void OnRing(KeptLock kept)
    {
        if (_gate.IsEntered)
        {
            // A clock that rings while it is set.
            ThreadPool.UnsafeQueueUserWorkItem(static late => late.Locks.OnRing(late.Kept), (Locks: this, Kept: kept), preferLocal: false);
            return;
        }

        LossSource? loss = null;
        MutexDefinition? asking = null;
        LockToken token = default;
        ExtensionBy renewal = default;
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            long now = _nodes.NowTicks;
            kept.ClearTimer();
            if (!kept.IsInUse)
            {
                return;
            }

            if (kept.DueTicks <= now)
            {
                if (kept.IsLost || kept.Token.IsGivenUp)
                {
                    _locks.Remove(kept);
                    return;
                }

                if (now >= kept.LossTicks && !KeptLockTable.TryCatchUp(kept))
                {
                    loss = Lose(kept, kept.ReasonNow(now), now);
                }
                else if (kept.DueTicks <= now && TryAsk(kept, now, out renewal))
                {
                    // What comes back after the loss is told must be undone, so the loss is the deadline of this extension.
                    asking = kept.Mutex;
                    token = kept.Token.Until(kept.LossTicks);
                }
            }

            kept.SetTimer(now);
        }

        Tell(loss);
        if (asking is not null)
        {
            _nodes.Extends.Rent().Renew(asking, token, renewal);
        }
    }

    /// <returns>
    /// Whether the nodes are to be asked; else the lock is not renewed any more, or the nodes are asked again a little later.
    /// </returns>
    private bool TryAsk(KeptLock kept, long now, out ExtensionBy renewal)
    {
        renewal = default;
        if (kept.MayNotRenew(now) || _nodes.Disposal.IsCancellationRequested)
        {
            kept.StopRenewal();
            return false;
        }

        if (kept.Phase == KeptLock.RenewalPhase.Asking)
        {
            kept.AskAgain(now);
            return false;
        }

        renewal = kept.Ask(now);
        return true;
    }
}
