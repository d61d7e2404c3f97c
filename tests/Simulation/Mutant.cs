namespace Redlock.Fast.Simulation;

/// <summary>A defect that the simulation must find: an edit of the sources, or a fault that nothing can withstand.</summary>
/// <param name="Name">What is wrong.</param>
internal sealed partial record Mutant(string Name)
{
    public Edit[] Edits { get; init; } = [];

    /// <summary>The folder of the sources that are edited.</summary>
    public string Package { get; init; } = "Redlock";

    /// <summary>Which runs can meet it.</summary>
    public ByteUse Bytes { get; init; }

    public Fault Fault { get; init; }

    /// <summary>Whether only exclusion is checked.</summary>
    public bool ExclusionOnly { get; init; }

    /// <summary>Whether it must be withstood, not found.</summary>
    public bool IsHarmless { get; init; }

    public static Mutant[] All { get; } =
    [
        new("none: the sources as they are") { IsHarmless = true },
        new("the quorum is n/2")
        {
            Edits =
            [
                new("QuorumSize.cs", "(nodes / 2) + 1;", "Math.Max(1, nodes / 2);"),
            ],
        },
        new("the deadline counts from the last reply")
        {
            Edits =
            [
                new(
                    "LockOperation.cs",
                    "            _status = LockStatus.Acquired;\n",
                    "            _status = LockStatus.Acquired;\n            _owner = _owner.Until(Nodes.NowTicks + "
                        + "Mutex.ValidityTicks);\n"),
            ],
        },
        new("the clock is read when the frames are out")
        {
            Edits =
            [
                new(
                    "QuorumOperation.cs",
                    "        QuorumDecision decision;\n        using (_gate.Enter())\n        {\n            AssertInvariants();\n     "
                        + "       _round.CastUnsent",
                    "        Sent(Nodes.NowTicks);\n"
                    + "        QuorumDecision decision;\n        using (_gate.Enter())\n        {\n            AssertInvariants();\n   "
                    + "         _round.CastUnsent"),
                new(
                    "QuorumOperation.cs",
                    "    /// <summary>What this round sends, given",
                    "    protected virtual void Sent(long nowTicks)\n    {\n    }\n\n    /// <summary>What this round sends, given"),
                new(
                    "LockOperation.cs",
                    "    protected override NodeVote Read(",
                    "    protected override void Sent(long nowTicks) => _owner = _owner.Until(nowTicks + Mutex.ValidityTicks);\n\n"
                    + "    protected override NodeVote Read("),
            ],
        },
        new("no drift allowance")
        {
            Edits = [new("MutexTimes.cs", "expiry - (expiry * options.Factor) - _fixedDrift", "expiry")],
        },
        new("the drift allowance is added")
        {
            Edits = [new("MutexTimes.cs", "(expiry * options.Factor) - _fixedDrift", "(expiry * options.Factor) + _fixedDrift")],
        },
        new("an extend's deadline counts from the last reply")
        {
            Edits =
            [
                new(
                    "ExtendOperation.cs",
                    "        _status = decision switch",
                    "        _new = _old.Until(Nodes.NowTicks + Mutex.ValidityTicks);\n        _status = decision switch"),
            ],
        },
        new("an extend counts refusals")
        {
            Edits =
            [
                new(
                    "ExtendOperation.cs",
                    "ReplyVote.OfScript(reply);",
                    "ReplyVote.OfScript(reply) is NodeVote.Failed ? NodeVote.Failed : NodeVote.Granted;"),
            ],
        },
        new("a lost lock is extended")
        {
            Edits =
            [
                new("ExtendOperation.cs", "IsPast(newest.DeadlineTicks, nowTicks) || ", ""),
                new(
                    "RedlockMutex.Outcomes.cs",
                    "return token.IsDefault || _core.Clock.IsPast(token.DeadlineTicks)",
                    "return token.IsDefault"),
                new("Holding.cs", " || mutex.IsPast(_deadlineTicks)", ""),
            ],
        },
        new("a late extension undoes what another one has extended meanwhile")
        {
            Edits =
            [
                new("ExtendOperation.cs", "LockToken newest = Nodes.Kept.Newest(Mutex, _old);", "LockToken newest = _old;"),
                new(
                    "ExtendOperation.cs",
                    "            _status = ExtendStatus.NotHeld;\n        }\n\n        if (!TryTellKept",
                    "            _status = ExtendStatus.NotHeld;\n"
                        + "            SendRelease(Mutex.ReleaseFrame, _old, ReleaseAfter.Extension);\n        }\n\n"
                        + "        if (!TryTellKept"),
            ],
        },
        new("a release counts the nodes that did not answer")
        {
            Edits = [new("UnlockOperation.cs", "_ => UnlockStatus.Unknown,", "_ => UnlockStatus.Released,")],
        },
        new("no look at the clock at hand-over")
        {
            Edits =
            [
                new(
                    "LockOperation.cs",
                    "            if (Nodes.NowTicks < _owner.DeadlineTicks && Interruption is null)\n            {\n         "
                        + "       LockToken",
                    "            {\n                LockToken"),
            ],
        },
        new("a failed attempt is released only where it was acknowledged")
        {
            Edits =
            [
                new("QuorumRound.cs", "_outcomes[node].Vote != NodeVote.HeldByOther", "_outcomes[node].Vote == NodeVote.Granted"),
            ],
        },
        new("a failed attempt is not released")
        {
            Edits =
            [
                new(
                    "LockOperation.cs",
                    "SendRelease(_hadQuorum ? Mutex.ReleaseFrame : Mutex.WithdrawFrame, _owner, CleanUpAfter);",
                    "_owner = default;"),
            ],
        },
        new("a request that timed out is taken for one that was not sent")
        {
            Edits =
            [
                new(
                    "QuorumRound.cs",
                    "failure is RequestFailure.TimedOutUnsent or RequestFailure.Withdrawn",
                    "failure is RequestFailure.TimedOut or RequestFailure.TimedOutUnsent or RequestFailure.Withdrawn"),
            ],
        },
        new("a failed attempt is released on another connection") { Fault = Fault.LooseOrder },
        new("a late reply counts for the next attempt")
        {
            Edits =
            [
                new("QuorumRound.cs", "Volatile.Read(ref _generation) == tag >> NodeBits", "tag != 0"),
            ],
        },
        new("a vote is counted as often as it comes")
        {
            Edits =
            [
                new("QuorumTally.cs", "if (((_granted | _refused | _failed) & bit) != 0)", "if (bit == 0)"),
                new("QuorumTally.cs", "_granted |= bit;", "_granted = (_granted << 1) | 1;"),
            ],
        },
        new("one owner id serves all attempts of a call")
        {
            Edits =
                [new("LockOperation.cs", "_owner = Nodes.OwnerIds.Next()", "_owner = (_owner.IsDefault ? Nodes.OwnerIds.Next() : _owner)")],
        },
        new("the caller's cancellation cancels the clean-up")
        {
            Edits = [new("LockOperation.cs", "if (!_cleanedUp && _attempts > 0)", "if (!_cleanedUp && _attempts > 0 && !IsCancelled)")],
        },
        new("a cancelled release is not sent")
        {
            Edits = [new(
                "QuorumRound.cs",
                "if (operation.IsCancelled && priority == RequestPriority.Ordinary)",
                "if (operation.IsCancelled)")],
        },
        new("a pause between two tries ignores disposal")
        {
            Edits =
            [
                new(
                    "LockOperation.Waiting.cs",
                    "            _status = LockStatus.Unavailable;\n            End(SettledBy.Other);",
                    "            _status = LockStatus.Unavailable;"),
            ],
        },
        .. Waiting,
        .. Connection,
        .. Fencing,
        .. Healing,
        new("a node loses its keys and is back at once") { Fault = Fault.RestartAtOnce, ExclusionOnly = true },
        new("a node loses its keys and is back after their longest life") { Fault = Fault.RestartLate, IsHarmless = true },
        new("a node's clock leaps forward") { Fault = Fault.ClockStep, ExclusionOnly = true },
    ];
}

/// <summary>A piece of a source file, which must stand there exactly once, and what replaces it.</summary>
internal sealed record Edit(string File, string Old, string New);
