namespace Redlock.Fast.Simulation;

// Defects of the numbers that holders are given.
internal sealed partial record Mutant
{
    private static Mutant[] Fencing =>
    [
        new("a fencing token is a maximum that no quorum has confirmed")
        {
            Edits = [new("LockOperation.Fencing.cs", "        if (differ)\n", "        differ = false;\n        if (differ)\n")],
        },
        new("a fencing token is raised without looking whose the lock is") { Fault = Fault.BlindRaise },
        new("a fencing token is agreed on by fewer than a quorum")
        {
            Edits = [new("LockOperation.Fencing.cs", "outcome in Outcomes)", "outcome in Outcomes[..((Outcomes.Length + 1) / 2)])")],
        },
        new("a fencing token is one nobody waited for")
        {
            Edits =
            [
                new(
                    "LockOperation.Fencing.cs",
                    "    private NodeVote ReadFenced(in RespReply reply) =>\n        _fencing == FencingRound.Raising ?",
                    "    private NodeVote ReadFenced(in RespReply reply) =>\n"
                        + "        (_owner = _owner.Fenced(Math.Max(_owner.FencingToken, FencingNumber.Of(reply)))).IsDefault"
                        + " ? NodeVote.Failed\n"
                        + "        : _fencing == FencingRound.Raising ?"),
            ],
        },
        new("a fencing token is the smallest that was heard")
        {
            Edits =
            [
                new(
                    "LockOperation.Fencing.cs",
                    "most = Math.Max(most, outcome",
                    "most = most == 0 ? outcome.FencingNumber : Math.Min(most, outcome"),
            ],
        },
        new("a fencing token is not counted in a succession") { Fault = Fault.UncountedSuccession },
        new("a fencing token is proposed below the counter") { Fault = Fault.LoweredCounter },
        new("a fencing token is counted by what expires under its lock")
        {
            Edits =
            [
                new(
                    "MutexDefinition.Fencing.cs",
                    "times.ExpiryMilliseconds + lifeMilliseconds",
                    "Math.Max(1, (times.ExpiryMilliseconds / 2) + (lifeMilliseconds / 1_000_000))"),
            ],
        },
        new("a fencing token is lost by an extension")
        {
            Edits =
            [
                new(
                    "LockToken.cs",
                    "        FencingToken = owner.FencingToken;\n",
                    "        FencingToken = holding is null ? owner.FencingToken : 0;\n"),
            ],
        },
        new("a fencing token that was not confirmed leaves its lock")
        {
            Edits =
            [
                new(
                    "LockOperation.Fencing.cs",
                    "? ReleaseAfter.Extension : ReleaseAfter",
                    "? ReleaseAfter.Acquisition : ReleaseAfter"),
            ],
        },
        new("a fencing token that was not confirmed leaves its lock where it was not to be raised")
        {
            Edits = [new("QuorumRound.Raising.cs", "                _tickets[node] = _taken![node];\n", "")],
        },
    ];
}
