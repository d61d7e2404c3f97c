namespace Redlock.Fast.Simulation;

// Defects of those who wait.
internal sealed partial record Mutant
{
    private static Mutant[] Waiting =>
    [
        new("a succession is counted below a quorum")
        {
            Edits =
            [
                new(
                    "LockOperation.cs",
                    "        _hadQuorum = EndsRaise() || decision",
                    "        decision = _attempt == Attempt.Succeed && decision == QuorumDecision.Unavailable "
                        + "? QuorumDecision.Granted : decision;\n        _hadQuorum = EndsRaise() || decision"),
            ],
        },
        new("a succession keeps the old owner id")
        {
            Edits =
            [
                new(
                    "LockOperation.cs",
                    "_owner = Nodes.OwnerIds.Next().Until(",
                    "_owner = (_attempt == Attempt.Succeed ? _predecessor : Nodes.OwnerIds.Next()).Until("),
            ],
        },
        new("a successor is granted what is another's") { Fault = Fault.BlindSuccession },
        new("a succession is repeated behind what undoes it")
        {
            Edits = [new("Succession.cs", "&& Volatile.Read(ref _successor)?.Wants", "|| Volatile.Read(ref _successor)?.Wants")],
        },
        new("a succession that times out leaves the predecessor")
        {
            Edits = [new("Succession.cs", "if (failure == RequestFailure.TimedOut)", "if (failure == RequestFailure.None)")],
        },
        new("the last who came succeeds")
        {
            Edits = [new("Lines.Releasing.cs", "|| line.Head is not { } head\n", "|| line.Tail is not { } head\n")],
        },
        new("a head that is cancelled is not followed")
        {
            Edits = [new("Line.cs", "            Head = waiter.Behind;", "            Head = waiter.IsCancelled ? null : waiter.Behind;")],
        },
        new("a head whose time is over is not followed")
        {
            Edits =
            [
                new(
                    "Line.cs",
                    "            Head = waiter.Behind;",
                    "            Head = waiter.IsCancelled || waiter.Status == LockStatus.Acquired ? waiter.Behind : null;"),
            ],
        },
        new("a wake goes with the head that it woke")
        {
            Edits =
            [
                new("Lines.cs", "!isAcquired && (!waiter.IsAsleep || line.Unanswered != Ask.Nothing)", "!isAcquired && line.Number < 0"),
            ],
        },
        new("a wake is forgotten while the head asks")
        {
            Edits = [new("Lines.Heads.cs", "        line.Unanswered = ask;\n", "")],
        },
        new("an expiry is not waited for")
        {
            Edits = [new("LockOperation.Findings.cs", "least == long.MaxValue ? long", "least != long.MinValue ? long")],
        },
        new("what is left is taken for seconds")
        {
            Edits = [new("LockOperation.Findings.cs", "TimeSpan.FromMilliseconds(least + 1)", "TimeSpan.FromSeconds(least + 1)")],
        },
        new("less than a millisecond is taken for unknown")
        {
            Edits = [new("LockOperation.Findings.cs", "_leftMilliseconds[node] >= 0 ?", "_leftMilliseconds[node] > 0 ?")],
        },
        new("a withdrawal takes the mark away") { Fault = Fault.WithdrawnMarks },
        new("a withdrawal wakes who waits")
        {
            Edits =
            [
                new(
                    "LockOperation.cs",
                    "SendRelease(_hadQuorum ? Mutex.ReleaseFrame : Mutex.WithdrawFrame, _owner,",
                    "SendRelease(Mutex.ReleaseFrame, _owner,"),
            ],
        },
        new("nobody yields")
        {
            Edits = [new("UnlockOperation.cs", "Yield(Mutex, now + (now - _startTicks));", "Yield(Mutex, now);")],
        },
        new("nobody yields to whom a posted release wakes")
        {
            Edits = [new("UnlockOperation.Posting.cs", "_areOthersAwaited = Nodes.Lines.TakeOthersExpected(Mutex.KeyHash);", "")],
        },
        new("who yields behind a posted release is not told of its end")
        {
            Edits = [new("UnlockOperation.cs", "IsUnawaited ? _areOthersAwaited :", "")],
        },
        new("a lock forgets how often it was handed on")
        {
            Edits = [new("LockOperation.Succeeding.cs", "given.Successions + 1", "1")],
        },
        new("successions have no end")
        {
            Edits = [new("Lines.Releasing.cs", "|| successions >= head", "|| successions < 0 && successions >= head")],
        },
    ];
}
