using System.Runtime.CompilerServices;

namespace Redlock.Fast.Allocation;

/// <summary>Locks and unlocks one name in a loop.</summary>
internal sealed class Worker(RedlockMutex mutex, Situation situation, Sabotage sabotage, CancellationToken cancellationToken)
{
    // Several delays of one that waits in line; far less than one of one that does not.
    private readonly TimeSpan _wait = situation switch
    {
        Situation.WaitingInLine => TimeSpan.FromMilliseconds(20),
        Situation.WaitingTimedOut => TimeSpan.FromMilliseconds(3),
        _ => TimeSpan.FromMinutes(10),
    };

    private readonly NodeOutcome[] _outcomes = new NodeOutcome[RedlockFactory.MaxNodes];
    private long _cycles;
    private volatile bool _stopped;
    private bool _acquired;
    private bool _contended;
    private bool _unavailable;
    private object? _waste;

    public long Cycles => Volatile.Read(ref _cycles);

    public void Stop() => _stopped = true;

    /// <summary>Whether what the scenario is about has happened here.</summary>
    public bool SawSituation => situation switch
    {
        Situation.Contended or Situation.WaitingInLine or Situation.WaitingTimedOut => _contended,
        Situation.TimedOut => _unavailable,
        _ => _acquired,
    };

    public async Task RunAsync()
    {
        while (!_stopped)
        {
            switch (situation)
            {
                case Situation.Extended:
                case Situation.Measured:
                case Situation.Fenced:
                case Situation.FencedRaised:
                case Situation.Scriptless:
                    await ExtendOnceAsync();
                    break;
                case Situation.Synchronous:
                case Situation.FencedSynchronous:
                    BlockOnce();
                    break;
                case Situation.Posted:
                    await PostOnceAsync();
                    break;
                case Situation.PostedSynchronous:
                    PostOnce();
                    break;
                case Situation.OwnOutcomes:
                    await ReadOutcomesOnceAsync();
                    break;
                case Situation.WaitingInLine:
                case Situation.WaitingTimedOut:
                case Situation.WaitingWoken:
                case Situation.WaitingSucceeded:
                case Situation.WaitingFenced:
                    await WaitOnceAsync();
                    break;
                default:
                    await LockOnceAsync();
                    break;
            }

            if (sabotage == Sabotage.OneObjectACycle)
            {
                _waste = new object();
            }

            Volatile.Write(ref _cycles, _cycles + 1);
        }

        GC.KeepAlive(_waste);
    }

    /// <summary>A wait, alone if nobody else waits yet.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitOnceAsync()
    {
        LockResult result = await mutex.TryLockAsync(_wait, cancellationToken);
        if (result.IsAcquired)
        {
            await mutex.UnlockAsync(result.Token, cancellationToken);
        }

        _acquired |= result.Status == LockStatus.Acquired;
        _contended |= result.Status == LockStatus.Contended;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask LockOnceAsync()
    {
        LockResult result = await mutex.TryLockAsync(cancellationToken);
        if (result.IsAcquired)
        {
            await mutex.UnlockAsync(result.Token, cancellationToken);
        }

        _acquired |= result.Status == LockStatus.Acquired;
        _contended |= result.Status == LockStatus.Contended;
        _unavailable |= result.Status == LockStatus.Unavailable;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ExtendOnceAsync()
    {
        await using LockHandle held = await mutex.LockAsync(cancellationToken);
        ExtendResult result = await mutex.ExtendAsync(held.Token, cancellationToken);
        _acquired |= result.Status == ExtendStatus.Extended;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadOutcomesOnceAsync()
    {
        LockResult result = await mutex.TryLockAsync(_outcomes, cancellationToken);
        bool isTold = _outcomes[0].Node is not null;
        await mutex.ExtendAsync(result.Token, _outcomes, cancellationToken);
        await mutex.UnlockAsync(result.Token, _outcomes, cancellationToken);
        result = mutex.TryLock(_outcomes, cancellationToken);
        mutex.Extend(result.Token, _outcomes, cancellationToken);
        _acquired |= isTold && mutex.Unlock(result.Token, _outcomes, cancellationToken) == UnlockStatus.Released;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask PostOnceAsync()
    {
        await using LockHandle held = await mutex.LockAsync(cancellationToken);
        _acquired |= held.IsHeld;
    }

    private void PostOnce()
    {
        using LockHandle held = mutex.Lock(cancellationToken);
        _acquired |= held.IsHeld;
    }

    private void BlockOnce()
    {
        LockResult result = mutex.TryLock(cancellationToken);
        mutex.Extend(result.Token, cancellationToken);
        _acquired |= mutex.Unlock(result.Token, cancellationToken) == UnlockStatus.Released;
    }
}
