namespace Redlock.Fast.Simulation;

// What a caller does with a lock that it has.
internal sealed partial class Caller
{
    private async Task HoldAsync(RedlockMutex mutex, int name, LockToken token)
    {
        if (random.Chance(0.2))
        {
            await HoldKeptAsync(mutex, token);
            return;
        }

        while (true)
        {
            // Sometimes longer than it is good for.
            await client.Nap(random.Below((long)(_world.Plan.ExpiryNanoseconds * (random.Chance(0.1) ? 1.3 : 0.4))));
            bool isOver = _world.IsHealed;
            switch (isOver ? 9 : random.Below(10))
            {
                case 0:
                    _world.Note(client.Name, "walks away from", token.Value);
                    return;
                case 1:
                    SimulatedClient heir = _world.Clients[random.Next(_world.Clients.Length)];
                    End(token.Value);
                    LockToken detached = mutex.Detach(token);
                    client.Kept.Remove(token.Value);
                    client.HandedOn.Add(token.Value);
                    _world.Note(client.Name, detached.IsDefault ? "has nothing to hand over" : $"hands to {heir.Name}", token.Value);
                    if (!detached.IsDefault)
                    {
                        heir.Parcels.Enqueue((name, detached.Text));
                    }

                    return;
                case 2 or 3 or 4 or 5:
                    CancellationTokenSource? cancellation =
                        _world.IsOn(Fault.Cancellation) && random.Chance(0.2) ? client.CancelSometime(random) : null;
                    try
                    {
                        ExtendResult result = await ExtendAsync(mutex, token, cancellation?.Token ?? CancellationToken.None);
                        if (result.Status == ExtendStatus.NotHeld)
                        {
                            // Whoever is told so has nothing left to hand over.
                            End(token.Value);
                            await AskAgainAsync(mutex, token);
                            if (random.Chance(0.5))
                            {
                                await ReleaseAsync(mutex, token);
                            }

                            return;
                        }

                        token = result.Status == ExtendStatus.Extended ? result.Token : token;
                    }
                    catch (OperationCanceledException) when (cancellation is { IsCancellationRequested: true })
                    {
                        _world.Note(client.Name, "extend is cancelled");
                    }

                    break;
                default:
                    await ReleaseAsync(mutex, token);
                    if (random.Chance(0.1))
                    {
                        await ReleaseAsync(mutex, token);
                    }

                    return;
            }
        }
    }

    /// <summary>Has the lock kept alive, looks now and then how long it may still be relied on, and releases it in the end.</summary>
    private async Task HoldKeptAsync(RedlockMutex mutex, LockToken token)
    {
        long expiry = _world.Plan.ExpiryNanoseconds;
        TimeSpan longest = random.Chance(0.5) ? Timeout.InfiniteTimeSpan : 2 * _world.Plan.Expiry;
        bool isLost = !mutex.KeepAlive(token, RenewOptions.Every(random.Pick(0.2, 0.33, 0.5, 0.9), longest));
        CancellationToken lost = mutex.Lost(token);
        _world.Note(client.Name, "keeps", token.Value);
        client.Kept.Add(token.Value);
        if (!isLost)
        {
            Claim(mutex, token, isKept: true);
        }

        while (!_world.IsHealed && !isLost && !random.Chance(0.1))
        {
            await client.Nap(random.Below(expiry / 2));
            isLost = lost.IsCancellationRequested;
            long remaining = mutex.Remaining(token).Ticks * TimeSpan.NanosecondsPerTick;
            if (remaining == 0)
            {
                End(token.Value);
            }
            else if (isLost)
            {
                _world.Fail(Invariant.LostIsLost, $"{client.Name} was told that {token} is lost, and may rely on it");
            }
            else if (!client.IsDisposed)
            {
                // What remains ends with the loss, so no margin has to be left. While the factory ends it does so at any moment.
                Claim(mutex, token.Until(client.Time.GetTimestamp() + remaining), isKept: false);
            }
        }

        await ReleaseAsync(mutex, token);
    }

    /// <summary>What a quorum has lost stays lost, whatever becomes of the nodes that have lost it.</summary>
    private async Task AskAgainAsync(RedlockMutex mutex, LockToken token)
    {
        if (!_world.Plan.Has(Fault.RestartInQuarantine) || random.Chance(0.5))
        {
            return;
        }

        await client.Nap(random.Below(4 * _world.Plan.Latency));
        ExtendResult again = await client.Take(mutex.ExtendAsync(token, CancellationToken.None));
        if (again.IsExtended)
        {
            _world.Fail(Invariant.LostIsLost, $"{client.Name} was told that {token} is lost, and then that it holds it again");
        }
    }

    private async Task<ExtendResult> ExtendAsync(RedlockMutex mutex, LockToken token, CancellationToken cancellationToken)
    {
        // While it is kept alive, only the mutex knows until when it is held.
        bool isKept = mutex.Options.Renew is not null;
        bool isAsked = !isKept && (token.DeadlineTicks == 0 || client.Time.GetTimestamp() < token.DeadlineTicks);
        ExtendResult result = await client.Take(mutex.ExtendAsync(token, cancellationToken));
        _world.Note(client.Name, "extended", result.Status.ToString());
        if (result.Status != ExtendStatus.Extended)
        {
            if (isAsked && result.Status == ExtendStatus.NotHeld)
            {
                End(token.Value);
            }

            return result;
        }

        if (!isKept && token.DeadlineTicks != 0 && client.Time.GetTimestamp() >= token.DeadlineTicks)
        {
            _world.Fail(Invariant.LostIsLost, $"{client.Name} had lost {token} before it was told that it holds it again");
        }

        Claim(mutex, result.Token, mutex.Options.Renew is not null);
        return result;
    }

    private async Task ReleaseAsync(RedlockMutex mutex, LockToken token)
    {
        CancellationTokenSource? cancellation =
            _world.IsOn(Fault.Cancellation) && random.Chance(0.2) ? client.CancelSometime(random) : null;
        End(token.Value);
        if (random.Chance(0.3))
        {
            // Disposing a handle says nothing, not even that the factory is gone.
            bool wasDisposed = client.IsDisposed;
            await client.Take(Told(mutex.Attach(token).DisposeAsync()));
            if (!wasDisposed)
            {
                _world.Ledger.Released(client, mutex.Name, token.Value);
            }

            return;
        }

        if (random.Chance(0.2))
        {
            _world.Note(client.Name, mutex.PostUnlock(token) ? "posts a release" : "has nothing to release", token.Value);
            _world.Ledger.Released(client, mutex.Name, token.Value);
            return;
        }

        try
        {
            ValueTask<UnlockStatus> release = mutex.UnlockAsync(token, cancellation?.Token ?? CancellationToken.None);
            _world.Ledger.Released(client, mutex.Name, token.Value);
            UnlockStatus status = await client.Take(release);
            _world.Note(client.Name, "released", status.ToString());
            if (status == UnlockStatus.Released)
            {
                _world.Ledger.CheckReleased(client, mutex.Name, token.Value);
            }
        }
        catch (OperationCanceledException) when (cancellation is { IsCancellationRequested: true })
        {
            _world.Note(client.Name, "release is cancelled");
        }
    }

    private void Claim(RedlockMutex mutex, LockToken token, bool isKept)
    {
        if (isKept)
        {
            client.Kept.Add(token.Value);
        }

        long deadline = token.DeadlineTicks - (isKept ? LossMargin : 0);

        // What begins to be kept while the factory ends is lost with the rest.
        if (isKept && (client.IsDisposed || deadline <= client.Time.GetTimestamp()))
        {
            _world.Ledger.Settle(token.Value);
            End(token.Value);
        }
        else
        {
            _world.Ledger.Claim(client, mutex.Name, token.Until(deadline));
        }
    }

    private void End(string? owner)
    {
        if (owner is not null)
        {
            _world.Note(client.Name, "gives up", owner);
            _world.Ledger.End(owner);
        }
    }

    private static async ValueTask<bool> Told(ValueTask disposal)
    {
        await disposal;
        return true;
    }
}
