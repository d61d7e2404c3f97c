namespace Redlock.Fast.Simulation;

// Defects of what is done for nodes that have lost a lock, and of not believing them.
internal sealed partial record Mutant
{
    private static Mutant[] Healing =>
    [
        new("nodes lose their keys and are healed and not believed for an expiry")
        {
            Fault = Fault.RestartInQuarantine,
            ExclusionOnly = true,
            IsHarmless = true,
        },
        new("a heal is counted as a vote")
        {
            Fault = Fault.RestartInQuarantine,
            ExclusionOnly = true,
            Edits =
            [
                new(
                    "ExtendOperation.cs",
                    "ReplyVote.OfScript(reply);",
                    "ReplyVote.OfScript(reply) is NodeVote.NothingThere ? NodeVote.Granted : ReplyVote.OfScript(reply);"),
            ],
        },
        new("nodes are healed before the quorum")
        {
            Fault = Fault.RestartInQuarantine,
            ExclusionOnly = true,
            Edits =
            [
                new("Healing.cs", " && (Interlocked.Or(ref _empty, 1u << node) & IsGranted) != 0)", ")"),
                new(
                    "Healing.cs",
                    "        _mutex = extension.Definition;\n",
                    "        _mutex = extension.Definition;\n        _token = old;\n"),
                new("Healing.cs", "long extensionTag)\n", "long extensionTag, LockToken old)\n"),
                new("ExtendOperation.Healing.cs", "_healing.Begin(this, RoundTag);", "_healing.Begin(this, RoundTag, _old);"),
            ],
        },
        new("the quarantine is skipped on reconnect")
        {
            Fault = Fault.RestartInQuarantine,
            ExclusionOnly = true,
            Edits = [new("Doubts.cs", "            node.Introduced += Look;\n", "            _ = node.Server;\n")],
        },
        new("a heal outlives a release")
        {
            Fault = Fault.RestartInQuarantine,
            ExclusionOnly = true,
            Edits = [new("Healing.cs", "else if (token.Newest(mutex).IsDefault && !token.IsDetached)", "else if (life < 1)")],
        },
        new("a release passes over a node that was healed")
        {
            Fault = Fault.RestartInQuarantine,
            ExclusionOnly = true,
            Edits =
            [
                new("LockToken.cs", "_unaskedNodes & ~_holding.Reached(_use) : 0;", "_unaskedNodes : 0;"),
                new("Holding.cs", ".Reaching(_reached);", ";"),
            ],
        },
        new("nodes are healed behind the last look at the clock")
        {
            Edits =
            [
                new("ExtendOperation.cs", "        EndHealing(Nodes.Kept.Newest(Mutex, _old));\n", ""),
                new("ExtendOperation.cs", "        ExtendResult result", "        EndHealing(newest);\n        ExtendResult result"),
            ],
        },
    ];
}
