namespace Redlock.Fast;

// What is done when a kept lock is due: it is renewed, or counts as lost, or is forgotten.
internal sealed partial class KeptLocks
{
    // Other timers of the process wait meanwhile; what is left comes right behind them.
    private const int MostATurn = 64;

    private void OnAlarm()
    {
        for (int turn = 0; ; turn++)
        {
            LossSource? loss = null;
            KeptLock? asking = null;
            MutexDefinition mutex = null!;
            LockToken token = default;
            ExtensionBy renewal = default;
            using (_gate.Enter())
            {
                long now = _nodes.NowTicks;
                if (turn == 0)
                {
                    _alarm.Clear();
                }

                if (_locks.Earliest is not { } kept || kept.DueTicks > now || turn == MostATurn)
                {
                    SetAlarm(now);
                    return;
                }

                if (kept.IsLost || kept.Token.IsGivenUp)
                {
                    _locks.Remove(kept);
                    continue;
                }

                if (now >= kept.LossTicks && _locks.TryCatchUp(kept))
                {
                    continue;
                }

                if (now >= kept.LossTicks)
                {
                    loss = Lose(kept, kept.ReasonNow(now), now);
                }
                else if (kept.MayNotRenew(now) || _nodes.Disposal.IsCancellationRequested)
                {
                    kept.StopRenewal();
                    _locks.Queue(kept);
                }
                else if (kept.Phase == KeptLock.RenewalPhase.Asking)
                {
                    kept.AskAgain(now);
                    _locks.Queue(kept);
                }
                else
                {
                    asking = kept;
                    renewal = kept.Ask(now);
                    _locks.Queue(kept);

                    // What comes back after the loss is told must be undone, so the loss is the deadline of this extension.
                    mutex = kept.Mutex;
                    token = kept.Token.Until(kept.LossTicks);
                }
            }

            Tell(loss);
            if (asking is not null)
            {
                _nodes.Extends.Rent().Renew(mutex, token, renewal);
            }
        }
    }

    private void SetAlarm(long now)
    {
        if (_locks.Earliest is { } earliest)
        {
            _alarm.SetFor(earliest.DueTicks, now);
        }
    }
}
