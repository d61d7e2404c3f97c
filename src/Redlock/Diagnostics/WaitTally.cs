using System.Runtime.CompilerServices;

namespace Redlock.Fast;

/// <summary>What the wait of one call has come to so far.</summary>
internal struct WaitTally
{
    private WakeCounts _wakes;
    private WakeCause _latestWake;
    private bool _isDisposed;

    /// <summary>Whether the call has stood in line at all.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Since when it does; 0 if nobody wants to know.</summary>
    public long SinceTicks { get; private set; }

    /// <summary>Attempts that took some nodes and met others on the rest.</summary>
    public int Splits { get; set; }

    /// <summary>Successions that took too few nodes.</summary>
    public int SuccessionsUndone { get; private set; }

    public void Begin(long nowTicks) => (IsBegun, SinceTicks) = (true, nowTicks);

    public void NoteWake(WakeCause cause)
    {
        _latestWake = cause;
        _wakes[(int)cause]++;
    }

    public void NoteSuccessionUndone()
    {
        _latestWake = WakeCause.None;
        SuccessionsUndone++;
    }

    public void NoteDisposed() => _isDisposed = true;

    public readonly int Wakes(WakeCause cause) => _wakes[(int)cause];

    /// <summary>How the wait ended.</summary>
    /// <param name="status">What the caller is given.</param>
    /// <param name="attempt">What the latest attempt sent.</param>
    /// <param name="thrown">What it is given in place of a status, or <c>null</c>.</param>
    public readonly WaitEnd EndOf(LockStatus status, Attempt attempt, Exception? thrown) =>
        thrown is OperationCanceledException or ThreadInterruptedException ? WaitEnd.Cancelled
        : thrown is not null ? WaitEnd.Faulted
        : status == LockStatus.Contended ? WaitEnd.Contended
        : status != LockStatus.Acquired ? (_isDisposed ? WaitEnd.Disposed : WaitEnd.Unavailable)
        : attempt == Attempt.Succeed ? WaitEnd.Succession
        : _latestWake == WakeCause.Released ? WaitEnd.Wake
        : WaitEnd.Poll;

    [InlineArray((int)WakeCause.Yielded + 1)]
    private struct WakeCounts
    {
        private int _first;
    }
}
