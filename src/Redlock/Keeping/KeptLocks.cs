using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>All locks of a factory that are renewed or watched: each is due by a timer of its own.</summary>
/// <remarks>
/// A lock is found by its owner id, which no two attempts share: whatever comes late for one that was released finds nothing.
/// The timers' thread sends renewals itself and never runs a caller's code.
/// </remarks>
internal sealed partial class KeptLocks
{
    private static readonly CancellationToken _lost = new(canceled: true);

    private readonly FactoryCore _nodes;
    private readonly Gate _gate = new();
    private readonly KeptLockTable _locks;

    public KeptLocks(FactoryCore nodes)
    {
        _nodes = nodes;
        _locks = new KeptLockTable(_gate, nodes.Holdings, nodes.Time, OnRing);
    }

    /// <summary>Whether any lock is kept, so that those who use none pay for a read.</summary>
    public bool IsEmpty => _locks.IsEmpty;

    /// <summary>Starts to renew a lock, or renews it in another way from now on.</summary>
    /// <returns>False if it is lost or given up.</returns>
    public bool TryRenew(MutexDefinition mutex, LockToken token, RenewOptions options)
    {
        LossSource? loss = null;
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            long now = _nodes.NowTicks;
            token = token.Newest(mutex);
            if (!token.IsDefault && FindOrAdd(mutex, token, now, out loss) is { } kept)
            {
                if (!kept.HasOperation)
                {
                    _nodes.Extends.Reserve();
                    _nodes.Healings.Reserve();
                    kept.HasOperation = true;
                }

                kept.Renew(options, now);
                kept.SetTimer(now);
                return true;
            }
        }

        Tell(loss);
        return false;
    }

    /// <summary>
    /// A token that is cancelled when the lock is lost. One that never is for a lock that was given up: nobody can lose it any more.
    /// </summary>
    public CancellationToken Watch(MutexDefinition mutex, LockToken token) =>
        WatchWithSource(mutex, token) is { } loss ? loss.Token
        : token.IsGivenUp ? CancellationToken.None
        : _lost;

    /// <summary>What cancels that token, or <c>null</c> if the lock is lost or given up.</summary>
    public LossSource? WatchWithSource(MutexDefinition mutex, LockToken token)
    {
        LossSource? loss = null;
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            long now = _nodes.NowTicks;
            token = token.Newest(mutex);
            bool isNobodys = token.IsDefault || (token.DeadlineTicks == 0 && _locks.FindHeld(mutex, token) is null);
            if (!isNobodys && FindOrAdd(mutex, token, now, out loss) is { } kept)
            {
                kept.SetTimer(now);
                return kept.Loss ??= new LossSource();
            }
        }

        Tell(loss);
        return null;
    }

    /// <summary>The same owner with the newest deadline known; <c>default</c> if it is known to be lost or given up.</summary>
    public LockToken Newest(MutexDefinition mutex, LockToken token)
    {
        token = token.Newest(mutex);
        if (token.IsDefault || IsEmpty)
        {
            return token;
        }

        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            return Newest(_locks.FindHeld(mutex, token), token);
        }
    }

    /// <summary>Until when the lock may be relied on: if it is kept, until its loss is due. 0 if it is lost.</summary>
    public long HeldUntilTicks(MutexDefinition mutex, LockToken token)
    {
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            return _locks.FindHeld(mutex, token) is not { } kept ? token.DeadlineTicks
                : kept.IsLost || kept.Token.DeadlineTicks == 0 ? 0
                : kept.LossTicks;
        }
    }

    /// <summary>The lock is being released: nothing is renewed any more, and nobody is told of a loss.</summary>
    /// <returns>The same with what is known of it here.</returns>
    public Surrender Forget(MutexDefinition mutex, in Surrender given)
    {
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            if (_locks.Find(mutex, given.Token) is not { } kept)
            {
                return given;
            }

            LockToken newest = given.Token.Until(Math.Max(kept.Token.DeadlineTicks, given.Token.DeadlineTicks));
            long sinceTicks = given.Token.DeadlineTicks == 0 ? kept.SinceTicks : Math.Min(kept.SinceTicks, given.SinceTicks);
            Surrender known = given with
            {
                Token = newest,
                SinceTicks = sinceTicks,
                News = kept.IsLost ? ReleaseNews.None : given.News,
            };
            kept.Token.Release(mutex);
            _locks.Remove(kept);
            return known;
        }
    }

    /// <summary>The lock goes on, in other hands: nothing is renewed here any more, and nobody is told of a loss.</summary>
    /// <returns>The same owner with the newest deadline known, or <c>default</c> if it is lost.</returns>
    public LockToken Detach(MutexDefinition mutex, LockToken token)
    {
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            if (_locks.Find(mutex, token) is not { } kept)
            {
                return token;
            }

            LockToken newest = Newest(kept, token);
            if (!newest.IsDefault)
            {
                kept.Token.TryDetach(mutex, out _);
                _locks.Remove(kept);
            }

            return newest;
        }
    }

    /// <summary>An extension has ended, a renewal or any other; its token has the new deadline if there is one.</summary>
    /// <returns>False if the lock was lost or released meanwhile, so that an extension has to be undone.</returns>
    public bool TryAccept(MutexDefinition mutex, LockToken token, ref ExtendStatus status, ExtensionBy extension, long askedTicks)
    {
        bool isKnown = true;
        LossSource? loss;
        using (_gate.Enter())
        {
            _locks.AssertInvariants();
            long now = _nodes.NowTicks;
            KeptLock? kept = _locks.FindHeld(mutex, token);
            if (kept is null || kept.IsLost)
            {
                return kept is null && extension == ExtensionBy.Caller && status == ExtendStatus.Extended && token.TryExtendCopies(mutex);
            }

            if (status == ExtendStatus.NotHeld && now < kept.LossTicks && kept.HasGrantedSince(askedTicks))
            {
                status = ExtendStatus.Unavailable;
            }

            if (status == ExtendStatus.NotHeld)
            {
                loss = Lose(kept, LossReason.Refused, now);
            }
            else if (now >= kept.LossTicks)
            {
                // Whoever looked at it meanwhile saw that it is over, and it must not come back.
                isKnown = false;
                loss = Lose(kept, kept.ReasonNow(now), now);
            }
            else
            {
                kept.EndExtension(token, status, extension, askedTicks, now);
                kept.SetTimer(now);

                // What was given up is not the caller's any more, though it may have gone on here under another token.
                return extension != ExtensionBy.Caller || !token.IsGivenUp;
            }
        }

        Tell(loss);
        return isKnown;
    }

    private LockToken Newest(KeptLock? kept, LockToken token) =>
        kept is null ? token
        : kept.IsLost || _nodes.NowTicks >= kept.LossTicks ? default
        : kept.Token.DeadlineTicks >= token.DeadlineTicks ? kept.Token.FencedLike(token)
        : token;

    // Its callbacks run on the pool; the token itself shows the loss before this returns, whatever the pool does.
    private static void Tell(LossSource? loss)
    {
        // Whoever meets the loss may be another than its holder.
        if (loss is not null)
        {
            WithoutContext.Start(static source => _ = source.TellAsync(), loss);
        }
    }

    private LossSource? Lose(KeptLock kept, LossReason reason, long now)
    {
        _gate.AssertEntered();
        kept.Lose(reason);
        kept.SetTimer(now);
        _nodes.Events.TellLost(kept.Mutex, reason);
        return kept.Loss;
    }

    private KeptLock? FindOrAdd(MutexDefinition mutex, LockToken token, long now, out LossSource? loss)
    {
        _gate.AssertEntered();
        loss = null;
        KeptLock? kept = _locks.FindHeld(mutex, token) ?? _locks.TryAdd(mutex, token, now);
        if (kept is null || kept.IsLost)
        {
            return null;
        }

        if (now < kept.LossTicks)
        {
            // Extended elsewhere, by the owner's text.
            if (token.DeadlineTicks > kept.Token.DeadlineTicks)
            {
                kept.Extend(token.DeadlineTicks);
            }

            return kept;
        }

        loss = Lose(kept, kept.ReasonNow(now), now);
        return null;
    }
}
