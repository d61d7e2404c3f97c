namespace Redlock.Fast;

// What becomes of a line when a lock of this factory is released.
internal sealed partial class Lines
{
    /// <summary>Wakes the head of a line for the holder that is about to release, who then runs its succession.</summary>
    /// <param name="mutex">Whose lock it is.</param>
    /// <param name="successions">How often in a row it had been handed on before: at its limit others get their turn.</param>
    /// <returns>The head, which belongs to the caller; <c>null</c> if an ordinary release is to be sent.</returns>
    public LockOperation? TryClaimHead(MutexDefinition mutex, int successions)
    {
        if (IsEmpty)
        {
            return null;
        }

        using (_gate.Enter())
        {
            if (_isClosed || !_byKey.TryGetValue(mutex, out Line? line) || line.Head is not { } head
                || successions >= head.Definition.Options.SuccessionLimit || !head.TryWake())
            {
                return null;
            }

            // Until somebody of the line has it again.
            line.HeldUntilTicks = 0;
            return head;
        }
    }

    /// <summary>A lock of this factory was released, and nobody elsewhere waits for it.</summary>
    public void OnReleased(MutexDefinition mutex)
    {
        // A line is told also while it is empty: whoever joins it next must not believe that the lock is still there.
        if (Volatile.Read(ref _lines) != 0)
        {
            LockOperation? head;
            using (_gate.Enter())
            {
                head = _byKey.TryGetValue(mutex, out Line? line) ? TryRouse(line, Ask.AllNodes, WakeCause.Released) : null;
            }

            head?.AskNow(Ask.AllNodes);
        }
    }

    /// <summary>
    /// A node has said, in time or late, that somebody waits for a key: its next release must not be followed at once either.
    /// </summary>
    public void ExpectOthers(int keyHash) => _yields.Expect(keyHash);

    /// <summary>Whether others are expected to wait, until a node says so again.</summary>
    public bool TakeOthersExpected(int keyHash) => _yields.TakeExpected(keyHash);

    /// <summary>A lock of this factory was released, and somebody waits for it, perhaps elsewhere: he goes first.</summary>
    public void Yield(MutexDefinition mutex, long untilTicks)
    {
        _yields.Note(mutex.KeyHash, untilTicks);

        // Through the gate in any case: who joins meanwhile, and has read until when it was before, is given the new time here.
        using (_gate.Enter())
        {
            if (_byKey.TryGetValue(mutex, out Line? line))
            {
                LetOthersFirst(line, untilTicks);
            }
        }
    }

    /// <summary>The head asks later, as it would have if it had been woken; one that is asking now asks once more.</summary>
    private void LetOthersFirst(Line line, long untilTicks)
    {
        _gate.AssertEntered();
        line.HeldUntilTicks = 0;
        line.IsMarked = false;
        line.AskAt(untilTicks, WakeCause.Yielded);
        if (line.Head is { } head && !head.TrySleepOn(untilTicks))
        {
            line.Unanswered = Ask.FirstNode;
            line.UnansweredCause = WakeCause.Yielded;
        }
    }
}
