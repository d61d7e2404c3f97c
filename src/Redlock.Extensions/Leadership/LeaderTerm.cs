namespace Redlock.Fast.Extensions;

/// <summary>The time for which one instance leads, from its election to its loss, resignation or stop.</summary>
public sealed class LeaderTerm
{
    private readonly TaskCompletionSource<LeadershipChange> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly LockHandle _held;
    private int _works;
    private bool _isClosed;

    internal LeaderTerm(string name, LockHandle held, CancellationToken ended)
    {
        Name = name;
        Ended = ended;
        _held = held;
    }

    /// <summary>What is led.</summary>
    public string Name { get; }

    /// <summary>
    /// The number of the term: each term's is larger than those before it, on whichever instance, so that whatever the leader writes to can
    /// refuse one that was paused beyond its term. Zero if the options of the election say that it is not fenced.
    /// </summary>
    public long FencingToken => _held.FencingToken;

    /// <summary>
    /// Whether it may still be relied on, computed now, by the lock's own deadline: it knows of a loss at once, also where
    /// <see cref="Ended"/> waits for a thread.
    /// </summary>
    public bool IsHeld => !_end.Task.IsCompleted && _held.IsHeld;

    /// <summary>How long it may be relied on unless it is renewed, computed now; zero once it has ended.</summary>
    public TimeSpan Remaining => _end.Task.IsCompleted ? TimeSpan.Zero : _held.Remaining;

    /// <summary>Cancelled when the term ends, for whatever reason.</summary>
    public CancellationToken Ended { get; }

    internal Exception? Fault { get; private set; }

    /// <summary>Completes with the reason for which it ends.</summary>
    internal Task<LeadershipChange> End => _end.Task;

    /// <summary>Gives the leadership up, so that another instance has its chance first. Nothing happens if it has ended.</summary>
    public void Resign() => TryEnd(LeadershipChange.Resigned);

    internal void TryEnd(LeadershipChange reason) => _end.TrySetResult(reason);

    internal void Fail(Exception fault)
    {
        Fault = fault;
        TryEnd(LeadershipChange.Failed);
    }

    /// <summary>Work begins that must be over before somebody else leads.</summary>
    /// <returns>False if the term has ended.</returns>
    internal bool TryBeginWork()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            _works++;
            return true;
        }
    }

    internal void EndWork()
    {
        lock (_gate)
        {
            if (--_works > 0 || !_isClosed)
            {
                return;
            }
        }

        _idle.TrySetResult();
    }

    /// <summary>No work begins any more; completes when the last has ended.</summary>
    internal Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_works == 0)
            {
                _idle.TrySetResult();
            }
        }

        return _idle.Task;
    }
}
