using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Why a lock was not taken, for the person who reads it in an exception or a log.</summary>
internal static class FailureText
{
    /// <returns>A line, and one more for each node.</returns>
    public static string Of(string name, LockStatus status, int tries, IReadOnlyList<NodeOutcome> nodes, bool looksMisconfigured)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        StringBuilder text = new();
        name = PrintableText.OfName(name);
        text.Append(status == LockStatus.Contended
            ? $"The lock '{name}' is held by another owner"
            : $"The lock '{name}' is unavailable: too few nodes granted it in time");
        text.Append($" (tries: {tries}).");
        if (looksMisconfigured)
        {
            text.Append(
                " It looks like a misconfiguration: there is no quorum without the nodes that refuse because of a password, access "
                + "rights, a replica or a cluster.");
        }

        foreach (NodeOutcome node in nodes)
        {
            text.Append("\n  ").Append(node.ToString());
        }

        return text.ToString();
    }
}
