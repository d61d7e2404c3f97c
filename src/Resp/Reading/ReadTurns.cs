namespace Redlock.Fast.Resp;

/// <summary>
/// The turns of reading of all channels of a quorum, for one caller that blocks for an operation over them: all of them or none.
/// </summary>
/// <remarks>
/// A caller that waits for bytes is woken by nothing else, and looks but now and then. So it may wait for them only where all replies come
/// to it, and while its operation hangs on replies. One caller at a time has this object for itself: a channel that connects anew has a
/// turn to give again while the one before still reads the others.
/// </remarks>
internal sealed class ReadTurns(RespChannel[] channels)
{
    // An interrupt of the caller is seen between two looks, and so is its cancellation, which it is to hear of at once.
    private static readonly TimeSpan _longestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestCancellableWait = TimeSpan.FromMilliseconds(2);

    private readonly TimeProvider _time = channels[0].TimeProvider;
    private readonly RespReadTurn?[] _turns = new RespReadTurn?[channels.Length];
    private readonly ReadSignals _signals = new(channels.Length);
    private RespThreadRole _own;
    private int _isTaken;

    /// <summary>
    /// Takes the turns for the calling thread, before it sends what it asks; they must be given back. From now on it must not block for
    /// anything else: nobody would read what it waits for.
    /// </summary>
    public bool TryTake()
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            return false;
        }

        int taken = 0;
        if (AreAllThere())
        {
            while (taken < channels.Length && _turns[taken]!.TryTake())
            {
                taken++;
            }
        }

        if (taken < channels.Length)
        {
            GiveBack(taken, Unread.Late);
            return false;
        }

        _own = RespThread.Enter(RespThreadRole.Caller);
        return true;
    }

    /// <summary>
    /// Reads and hands out replies, everybody's, while some are awaited; then gives the turns back, whatever happened.
    /// </summary>
    /// <param name="awaiter">What the caller blocks for.</param>
    /// <param name="deadlineTicks">When to stop reading all the same: a timestamp of the channels' clock.</param>
    /// <param name="cancellationToken">What may decide it besides.</param>
    /// <exception cref="ThreadInterruptedException">The caller was interrupted.</exception>
    public void ReadFor(IReplyAwaiter awaiter, long deadlineTicks, CancellationToken cancellationToken = default)
    {
        TimeSpan longest = cancellationToken.CanBeCanceled ? _longestCancellableWait : _longestWait;
        try
        {
            foreach (RespReadTurn? turn in _turns)
            {
                turn!.Begin();
            }

            while (awaiter.AwaitsReplies && !IsAnyOver())
            {
                TimeSpan left = _time.GetElapsedTime(_time.GetTimestamp(), deadlineTicks);
                if (left <= TimeSpan.Zero)
                {
                    break;
                }

                if (!TryRead(left < longest ? left : longest))
                {
                    Thread.Sleep(TimeSpan.Zero);
                }
            }
        }
        finally
        {
            GiveBack(awaiter.AwaitsReplies ? Unread.Awaited : Unread.Late);
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void GiveBack(Unread unread)
    {
        RespThread.Enter(_own);
        GiveBack(channels.Length, unread);
    }

    // Looked at before the first one is taken: threads must not step aside for a caller that will not read.
    private bool AreAllThere()
    {
        for (int channel = 0; channel < channels.Length; channel++)
        {
            RespReadTurn? turn = channels[channel].ReadTurn;
            if (turn is null or { IsOver: true } || (channels.Length > 1 && turn.Signal is null))
            {
                return false;
            }

            _turns[channel] = turn;
        }

        return true;
    }

    private bool TryRead(TimeSpan time)
    {
        if (channels.Length > 1)
        {
            return TryReadReady(time);
        }

        bool isReady = _turns[0]!.Poll(time);
        if (isReady)
        {
            _turns[0]!.Read();
        }

        return isReady;
    }

    private bool TryReadReady(TimeSpan time)
    {
        _signals.Clear();
        foreach (RespReadTurn? turn in _turns)
        {
            _signals.Add(turn!.Signal!);
        }

        if (!_signals.TryAwait(time))
        {
            return false;
        }

        foreach (RespReadTurn? turn in _turns)
        {
            // Also when it is decided meanwhile: what is passed over again and again would time out unread.
            if (_signals.IsGiven(turn!.Signal!))
            {
                turn.Read();
            }
        }

        return true;
    }

    private bool IsAnyOver()
    {
        foreach (RespReadTurn? turn in _turns)
        {
            if (turn!.IsOver)
            {
                return true;
            }
        }

        return false;
    }

    private void GiveBack(int count, Unread unread)
    {
        while (count > 0)
        {
            _turns[--count]!.GiveBack(unread);
        }

        Volatile.Write(ref _isTaken, 0);
    }
}
