using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>
/// What one node said when its health was checked. What it did not tell is <c>null</c>; what no Redis says is not quoted.
/// </summary>
/// <param name="Node">The node's name.</param>
/// <param name="Concern">What is wrong or doubtful, for people; <c>null</c> if nothing is.</param>
public sealed record NodeHealth(string Node, string? Concern)
{
    /// <summary>Whether a lock can be had there. Only nodes that are ready count towards the quorum.</summary>
    public NodeReadiness Readiness { get; init; }

    /// <summary>Whether the node answered, be it with a refusal.</summary>
    public bool Answers => Readiness is NodeReadiness.Ready or NodeReadiness.Unfit;

    /// <summary>From the question to the answer when the lock was taken.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>How far its wall clock (TIME) is ahead of this machine's; exact to half of the latency.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>What INFO says: <c>master</c>, or <c>slave</c> for a replica, which does not count towards a quorum.</summary>
    public string? Role { get; init; }

    /// <summary>
    /// The <c>maxmemory_policy</c> of INFO; all but <c>noeviction</c> may throw a held lock away once the memory is full.
    /// </summary>
    public string? EvictionPolicy { get; init; }

    /// <summary>Whether it says which server it is.</summary>
    public NodeIdentity Identity { get; init; }

    /// <inheritdoc cref="NodeBelief.RestartsUnderLocks"/>
    public int RestartsUnderLocks { get; init; }

    /// <summary>One line for a page or a log.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Node);
        text.Append(Readiness switch
        {
            NodeReadiness.Ready => ": grants locks",
            NodeReadiness.Unfit => ": answers, and is not fit for locks",
            NodeReadiness.Busy => ": is busy",
            _ => ": does not answer",
        });
        if (Latency is { } latency)
        {
            text.Append(CultureInfo.InvariantCulture, $", in {latency.TotalMilliseconds:0.###} ms");
        }

        if (ClockOffset is { } offset)
        {
            text.Append(CultureInfo.InvariantCulture, $", clock {offset.TotalMilliseconds:+0;-0;0} ms");
        }

        text.Append(Role is null ? string.Empty : $", {Role}").Append(EvictionPolicy is null ? string.Empty : $", {EvictionPolicy}");
        return PrintableText.Of(text.Append(Concern is null ? string.Empty : $" ({Concern})").ToString());
    }
}
