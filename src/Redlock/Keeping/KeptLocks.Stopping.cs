namespace Redlock.Fast;

// What happens to the locks that are still kept when their factory ends.
internal sealed partial class KeptLocks
{
    /// <summary>How many locks are kept, and neither lost nor given up.</summary>
    public int CountHeld()
    {
        int count = 0;
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            foreach (KeptLock kept in _locks.All)
            {
                count += kept.IsLost || kept.Token.IsGivenUp ? 0 : 1;
            }
        }

        return count;
    }

    /// <summary>
    /// Every kept lock is lost from now on, and whoever watches one is told; the factory's listeners are not, as it is their factory that
    /// ends.
    /// </summary>
    /// <returns>What is to be released.</returns>
    public List<(MutexDefinition Mutex, Surrender Given)> LoseAll()
    {
        List<(MutexDefinition Mutex, Surrender Given)> held = [];
        List<LossSource> losses = [];
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            long now = _nodes.NowTicks;
            foreach (KeptLock kept in _locks.All)
            {
                if (kept.IsLost || kept.Token.IsGivenUp)
                {
                    continue;
                }

                held.Add((kept.Mutex, new Surrender(kept.Token, kept.SinceTicks, ReleaseNews.None, Successions: 0)));
                if (kept.Loss is { } loss)
                {
                    losses.Add(loss);
                }

                kept.Lose(LossReason.Stopped);
                kept.SetTimer(now);
            }
        }

        foreach (LossSource loss in losses)
        {
            Tell(loss);
        }

        return held;
    }
}
