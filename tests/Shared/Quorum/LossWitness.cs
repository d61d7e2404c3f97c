namespace Redlock.Fast.SharedTests;

/// <summary>Counts the losses that a factory tells of.</summary>
internal sealed class LossWitness : IDisposable
{
    private readonly ScriptedQuorum _quorum;
    private readonly TaskCompletionSource _ownIsTold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public LossWitness(ScriptedQuorum quorum)
    {
        _quorum = quorum;
        quorum.Factory.LockLost += Note;
    }

    /// <summary>The losses so far. Loses a lock of its own first: what was told before has then had its turn.</summary>
    public async Task<int> CountAsync()
    {
        RedlockMutex mutex = _quorum.Factory.CreateMutex(
            nameof(LossWitness), MutexOptions.NonBlocking with { Continuation = ContinuationMode.Inline });
        Assert.False((await _quorum.TakeAsync(mutex)).Lost.IsCancellationRequested);
        _quorum.Clock.Advance(KeptQuorum.Validity);
        await _ownIsTold.Task.SoonAsync();
        return Volatile.Read(ref _count);
    }

    public void Dispose() => _quorum.Factory.LockLost -= Note;

    private void Note(object? sender, LockLostEventArgs lost)
    {
        if (lost.Name == nameof(LossWitness))
        {
            _ownIsTold.SetResult();
        }
        else
        {
            Interlocked.Increment(ref _count);
        }
    }
}
