using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Too few nodes answered to tell whether the lock could be had: an outage, or a setting that only a person can mend. Never thrown because
/// somebody else has the lock.
/// </summary>
public sealed class LockUnavailableException : Exception
{
    /// <summary>Describes the last attempt.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="waited">How long it was tried at most; <see cref="Timeout.InfiniteTimeSpan"/> for no bound.</param>
    /// <param name="nodes">What each node said.</param>
    public LockUnavailableException(string name, TimeSpan waited, IReadOnlyList<NodeOutcome> nodes)
        : base(Describe(name, waited, nodes))
    {
        Name = name;
        Nodes = nodes;
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>What each node said in the latest attempt on this lock.</summary>
    public IReadOnlyList<NodeOutcome> Nodes { get; }

    private static string Describe(string name, TimeSpan waited, IReadOnlyList<NodeOutcome> nodes)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(nodes);
        StringBuilder text = new($"The lock '{PrintableText.OfName(name)}' is unavailable: too few nodes answered");
        if (waited > TimeSpan.Zero)
        {
            text.Append(CultureInfo.InvariantCulture, $" within {waited.TotalSeconds:0.###} s");
        }

        text.Append(". Look whether they can be reached, and at their logs.");
        foreach (NodeOutcome node in nodes)
        {
            text.Append("\n  ").Append(node.ToString());
        }

        return text.ToString();
    }
}
