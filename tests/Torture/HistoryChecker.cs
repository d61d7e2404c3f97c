using System.Numerics;

namespace Redlock.Fast.Torture;

/// <summary>Decides whether the claims of all holders could come from a lock that keeps its promise.</summary>
/// <remarks>
/// Two holders of one name at one time need a node that granted both. Such a node keeps the first owner's key until the first claim's
/// end, unless it lost its data between the two votes; so an overlap is explained only if every node that granted both did.
/// Extending finds a key and never makes one, so an extension is explained only as far as the acquisition that it goes on with.
/// </remarks>
internal sealed class HistoryChecker
{
    private readonly int _quorum;
    private readonly IReadOnlyList<DataLoss> _losses;

    // When each owner was given its lock.
    private readonly Dictionary<string, long> _acquisitions = [];

    public HistoryChecker(int quorum, IReadOnlyList<DataLoss> losses)
    {
        _quorum = quorum;
        _losses = losses;
    }

    public Verdict Check(IEnumerable<Claim> claims)
    {
        List<Claim> ordered = [.. claims.OrderBy(claim => claim.HandOverTicks)];
        List<string> violations = [];
        int explained = 0;
        foreach (Claim claim in ordered)
        {
            if (claim.Kind == ClaimKind.Acquired)
            {
                _acquisitions[claim.Owner] = claim.HandOverTicks;
            }

            if (BitOperations.PopCount(claim.Nodes) < _quorum)
            {
                violations.Add($"'{claim.Name}' was handed over without a quorum of {_quorum}: {claim}.");
            }
        }

        foreach (IGrouping<string, Claim> name in ordered.GroupBy(claim => claim.Name))
        {
            List<Claim> open = [];
            foreach (Claim claim in name)
            {
                // Handed over to a holder that was held up until after the end: nobody relied on it.
                if (claim.EndTicks <= claim.HandOverTicks)
                {
                    continue;
                }

                open.RemoveAll(earlier => earlier.EndTicks <= claim.HandOverTicks);
                foreach (Claim earlier in open)
                {
                    if (earlier.Owner == claim.Owner)
                    {
                        continue;
                    }

                    if (IsExplained(earlier, claim))
                    {
                        explained++;
                    }
                    else
                    {
                        violations.Add($"'{claim.Name}' had two holders: {earlier}, and {claim}.");
                    }
                }

                open.Add(claim);
            }
        }

        return new Verdict(ordered.Count, explained, violations);
    }

    private bool IsExplained(Claim one, Claim other) => IsExplainedInOrder(one, other) || IsExplainedInOrder(other, one);

    private bool IsExplainedInOrder(Claim first, Claim second)
    {
        // No loss gives a key back to an owner that had it before.
        if (second.Kind != ClaimKind.Acquired
            && (!_acquisitions.TryGetValue(second.Owner, out long acquired) || acquired < first.StartTicks))
        {
            return false;
        }

        uint both = first.Nodes & second.Nodes;
        foreach (DataLoss loss in _losses)
        {
            if (first.StartTicks <= loss.DeadByTicks && second.HandOverTicks >= loss.BackFromTicks)
            {
                both &= ~(1u << loss.Node);
            }
        }

        return both == 0;
    }
}
