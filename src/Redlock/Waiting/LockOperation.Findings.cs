namespace Redlock.Fast;

// What an attempt that was refused tells the line.
internal sealed partial class LockOperation
{
    /// <summary>What its latest attempt has found out, once an attempt.</summary>
    public bool TryTakeFindings(out Findings findings)
    {
        findings = _hasFindings ? Look() : default;
        bool hadFindings = _hasFindings;
        _hasFindings = false;
        return hadFindings;
    }

    private Findings Look()
    {
        uint refused = 0;
        bool isGranted = false;
        long least = long.MaxValue;
        for (int node = 0; node < Outcomes.Length; node++)
        {
            NodeVote vote = Outcomes[node].Vote;
            isGranted |= vote == NodeVote.Granted;
            if (vote == NodeVote.HeldByOther)
            {
                refused |= 1u << node;

                // Zero is less than a millisecond, and below it nobody knows.
                least = _leftMilliseconds[node] >= 0 ? Math.Min(least, _leftMilliseconds[node]) : least;
            }
        }

        // The node's expiry is over at the end of its millisecond.
        long overTicks = least == long.MaxValue ? long.MaxValue : Nodes.NowTicks + Mutex.ToTicks(TimeSpan.FromMilliseconds(least + 1));
        bool isSplit = isGranted || _attempt == Attempt.Succeed || (_attempt != Attempt.Set && Line?.HasLostRace(refused) == true);
        _splits = isSplit ? _splits + 1 : 0;
        _wait.Splits += isGranted && refused != 0 && _attempt != Attempt.Succeed ? 1 : 0;
        return new Findings(_attempt, _attemptTicks, refused, overTicks, isSplit ? AfterSplit() : long.MaxValue, _splits);
    }

    /// <summary>Tells, in place of what it found out itself, what the line's latest full round did.</summary>
    public void Inherit(LockStatus status, ReadOnlySpan<NodeOutcome> outcomes)
    {
        _status = status;
        ShowOutcomes(outcomes);
    }

    // Attempts that met each other must not meet again: at random within a doubling multiple of what one takes.
    private long AfterSplit()
    {
        const int MostDoublings = 6;
        long now = Nodes.NowTicks;
        long roundTicks = Math.Max(1, now - _attemptTicks);
        return now + (long)(Nodes.Jitter.NextDouble() * (roundTicks << Math.Min(_splits, MostDoublings)));
    }

    // A node nearby answers before the frames to all others are out.
    private bool HasAnyVote()
    {
        foreach (ref readonly NodeOutcome outcome in Outcomes)
        {
            if (outcome.Vote is NodeVote.Granted or NodeVote.HeldByOther)
            {
                return true;
            }
        }

        return false;
    }

    private void NoteFailure(LockStatus status)
    {
        CountFailedAttempt(status);
        _hasFindings = true;
        if (_attempt != Attempt.TakeFirst)
        {
            _status = status;
        }
    }
}
