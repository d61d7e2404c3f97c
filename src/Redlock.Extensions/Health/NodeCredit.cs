using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>What the factory knows of nodes beside what a check hears from them, and what follows from it.</summary>
internal static class NodeCredit
{
    /// <summary>What a node said, by what is known of its server: one whose votes do not count grants no lock.</summary>
    public static NodeHealth Of(NodeHealth health, NodeBelief belief)
    {
        health = health with
        {
            Identity = belief.Doubt == NodeCause.Twin ? NodeIdentity.Twin
                : belief.Server?.RunId is null ? NodeIdentity.Unknown
                : NodeIdentity.Known,
            RestartsUnderLocks = belief.RestartsUnderLocks,
        };
        return belief.Words is { } words && health.Readiness == NodeReadiness.Ready
            ? health with { Readiness = NodeReadiness.Unfit, Concern = PrintableText.Of(NodeReport.WithoutName(belief.Node, words)) }
            : health;
    }

    /// <summary>What whoever operates the nodes should know, though locks can be had. They are no reason for another status.</summary>
    public static List<string> HintsOf(NodeHealth[] nodes)
    {
        List<string> hints = [];
        int unknown = 0;
        foreach (NodeHealth node in nodes)
        {
            unknown += node.Answers && node.Identity == NodeIdentity.Unknown ? 1 : 0;
            if (node.RestartsUnderLocks > 0)
            {
                string times = node.RestartsUnderLocks == 1
                    ? string.Empty
                    : string.Create(CultureInfo.InvariantCulture, $" {node.RestartsUnderLocks} times");
                hints.Add(
                    $"{node.Node} has restarted{times} while locks were held: unless it keeps its data, set RestartQuarantine to the "
                    + "longest expiry in use, or it may give such a lock to somebody else");
            }
        }

        if (unknown > 0)
        {
            hints.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{unknown} of {nodes.Length} nodes do not say which server they are (the right to INFO is missing?): two of them that are "
                + $"one server, or that restarted, would not be noticed"));
        }

        return hints;
    }
}
