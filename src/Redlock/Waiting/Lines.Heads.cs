namespace Redlock.Fast;

// When the head of a line asks: its time has come, it has found something out, or something was heard.
internal sealed partial class Lines
{
    /// <summary>A waiter has slept for as long as its line wanted, though not for its whole delay.</summary>
    /// <returns>Whether it is the one that asks.</returns>
    public bool BeginLook(LockOperation waiter)
    {
        using (_gate.Enter())
        {
            if (waiter.Line is not { } line || line.Head != waiter)
            {
                return false;
            }

            line.ForgetMoves();
            waiter.NoteWake(line.AskCause);
            return true;
        }
    }

    /// <summary>A waiter's delay has passed.</summary>
    /// <returns>Whether it is the one that asks.</returns>
    public bool BeginTry(LockOperation waiter)
    {
        using (_gate.Enter())
        {
            if (waiter.Line is not { } line || line.Head != waiter)
            {
                return false;
            }

            line.ForgetWakes();
            waiter.NoteWake(WakeCause.DelayPassed);
            return true;
        }
    }

    /// <summary>What the head has found, and whether that lets it sleep.</summary>
    private Ask LookAround(Line line, LockOperation head, long now, ref Hush hush)
    {
        _gate.AssertEntered();
        if (!head.HasAsked)
        {
            long yieldUntil = _yields.UntilTicks(head.Definition.KeyHash);
            WakeCause cause = yieldUntil > line.HeldUntilTicks ? WakeCause.Yielded : WakeCause.Expired;
            line.HeldUntilTicks = Math.Max(yieldUntil, line.HeldUntilTicks);
            line.AskAt(line.HeldUntilTicks, cause);
            return line.AskAtTicks > now ? Ask.Nothing : Ask.AllNodes;
        }

        if (head.TryTakeFindings(out Findings findings))
        {
            if (line.Note(findings, head.Status, head.LatestVotes))
            {
                hush = StopHearing(line);
            }

            // One node alone that gives no vote says nothing about the lock.
            if (findings is { Attempt: Attempt.TakeFirst, RefusedBy: 0 })
            {
                return Ask.AllNodes;
            }
        }

        if (head.WasInVain)
        {
            // In an outage nothing that is heard makes it better.
            return Ask.Nothing;
        }

        if (line.HeldUntilTicks > now && line.HeldUntilTicks < line.AskAtTicks)
        {
            // Its holder may be gone without a word, and a plain SET has not been told until when his lock lasts.
            line.AskAt(line.HeldUntilTicks, WakeCause.Expired);
        }

        if (line.Unanswered is not Ask.Nothing and var ask)
        {
            line.Unanswered = Ask.Nothing;
            head.NoteWake(line.UnansweredCause);
            return ask;
        }

        return line.HeldUntilTicks > now ? Ask.Nothing
            : line is { Stage: LineStage.Hearing, IsMarked: false } && !IsDeaf(line.SleepNode, now) ? Ask.FirstNode
            : Ask.Nothing;
    }

    /// <summary>Wakes the head, or leaves it word that it must not sleep.</summary>
    private LockOperation? TryRouse(Line line, Ask ask, WakeCause cause)
    {
        _gate.AssertEntered();
        line.HeldUntilTicks = 0;
        if (line.Head is not { } head)
        {
            return null;
        }

        if (head.TryWake())
        {
            head.NoteWake(cause);
            return head;
        }

        line.Unanswered = ask;
        line.UnansweredCause = cause;
        return null;
    }
}
