using System.Runtime.InteropServices;

namespace Redlock.Fast.Resp;

/// <summary>What became of a wish to hear a channel: the subscription's number, or why there is none.</summary>
/// <remarks><c>default</c> is no subscription. Copying it is harmless: a number is never used twice.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RespSubscription
{
    /// <summary>A subscription that was taken.</summary>
    /// <param name="number">Above zero; a path to a node never uses a number twice.</param>
    public RespSubscription(long number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        Number = number;
    }

    /// <summary>A subscription that was not taken: its handler is not told anything.</summary>
    /// <param name="failure">Why.</param>
    public RespSubscription(SubscriptionEnd failure) => Failure = failure;

    /// <summary>The number, or zero.</summary>
    public long Number { get; }

    /// <summary>Why it was not taken; means nothing if it was.</summary>
    public SubscriptionEnd Failure { get; }

    /// <summary>Whether it was taken, so that its handler is told.</summary>
    public bool IsTaken => Number != 0;
}
