namespace Redlock.Fast.Simulation;

/// <summary>A caller of the library: takes, holds, extends, releases, hands over, gives up, at random.</summary>
internal sealed partial class Caller(SimulatedClient client, SeededRandom random)
{
    // A lock that is kept alive is told to be lost so long before its deadline, and may be given up from then on.
    private const long LossMargin = 2_000_000;
    private readonly World _world = client.World;

    /// <summary>Works until everything heals. Ends early when the client is disposed.</summary>
    public async Task RunAsync()
    {
        while (!_world.IsHealed)
        {
            await client.Nap(random.Below(_world.Plan.ExpiryNanoseconds / 3));
            CancellationTokenSource? cancellation =
                _world.IsOn(Fault.Cancellation) && random.Chance(0.3) ? client.CancelSometime(random) : null;
            try
            {
                await WorkOnceAsync(cancellation?.Token ?? CancellationToken.None);
            }
            catch (LockFailedException)
            {
                _world.Note(client.Name, "fails");
            }
            catch (OperationCanceledException) when (cancellation is { IsCancellationRequested: true })
            {
                _world.Note(client.Name, "is cancelled");
            }
            catch (ObjectDisposedException) when (client.IsDisposed)
            {
                return;
            }
        }
    }

    private async Task WorkOnceAsync(CancellationToken cancellationToken)
    {
        int name = random.Next(client.Mutexes.Length);
        RedlockMutex mutex = random.Chance(0.6) ? client.Mutexes[name] : client.Twins[name];
        if (client.Parcels.TryDequeue(out (int Mutex, string Value) parcel))
        {
            // Another process has handed this over; whether it is still worth anything, the nodes know.
            LockToken inherited = LockToken.Parse(parcel.Value);
            ExtendResult extended = await ExtendAsync(client.Mutexes[parcel.Mutex], inherited, cancellationToken);
            if (extended.Status == ExtendStatus.Extended)
            {
                await HoldAsync(client.Mutexes[parcel.Mutex], parcel.Mutex, extended.Token);
            }

            return;
        }

        switch (random.Below(6))
        {
            // Whose lock it is, is told by what the nodes keep alone.
            case 0 when !_world.Plan.Has(Fault.RestartInQuarantine):
                await WithLockAsync(mutex, cancellationToken);
                break;
            case 1 or 2:
                LockHandle handle = await WithinAsync(mutex, mutex.Options.WaitLimit, mutex.LockAsync(cancellationToken));
                Claim(mutex, handle.Token, mutex.Options.Renew is not null);
                await HoldAsync(mutex, name, handle.Token);
                break;
            case 3 or 4:
                TimeSpan wait = _world.Plan.Expiry * random.Pick(0.25, 0.25, 2) * random.NextDouble();
                await HoldResultAsync(mutex, name, await WithinAsync(mutex, wait, mutex.TryLockAsync(wait, cancellationToken)));
                break;
            default:
                await HoldResultAsync(mutex, name, await client.Take(mutex.TryLockAsync(cancellationToken)));
                break;
        }
    }

    private async Task HoldResultAsync(RedlockMutex mutex, int name, LockResult result)
    {
        _world.Note(client.Name, "tried", result.Status.ToString());
        if (result.IsAcquired)
        {
            Claim(mutex, result.Token, mutex.Options.Renew is not null);
            await HoldAsync(mutex, name, result.Token);
        }
    }

    /// <summary>Takes a result that has to be there when a time is over, and a node's time limit with it.</summary>
    private async Task<T> WithinAsync<T>(RedlockMutex mutex, TimeSpan? wait, ValueTask<T> call)
    {
        long start = _world.Now;
        bool wasHeldUp = client.IsHeldUp;
        try
        {
            return await client.Take(call);
        }
        finally
        {
            long longest = ((wait ?? TimeSpan.Zero).Ticks * TimeSpan.NanosecondsPerTick) + mutex.Definition.NodeLimitTicks;
            if (wait is not null && !wasHeldUp && !client.IsHeldUp && client.HeldUpUntil < start
                && _world.Now - start > (longest * (1 + _world.Plan.Factor)) + client.Slack)
            {
                _world.Fail(
                    Invariant.WaitsAreBounded,
                    $"{client.Name} waits for {mutex.Name} for {(_world.Now - start) / 1e6:0.000} ms instead of {longest / 1e6:0.000} ms");
            }
        }
    }

    private async Task WithLockAsync(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        string? owner = null;
        try
        {
            await client.Take(mutex.WithLockAsync(
                async _ =>
                {
                    owner = _world.Ledger.ClaimUnnamed(client, mutex.Name, mutex.Options.Renew is null ? 0 : LossMargin);
                    await client.Nap(random.Below(_world.Plan.ExpiryNanoseconds / 2));
                    End(owner);
                },
                cancellationToken));
        }
        finally
        {
            if (owner is not null && !client.IsDisposed)
            {
                _world.Ledger.Released(client, mutex.Name, owner);
            }
        }
    }
}
