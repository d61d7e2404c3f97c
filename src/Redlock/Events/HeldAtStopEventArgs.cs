namespace Redlock.Fast;

/// <summary>How many locks were still kept when their factory was disposed.</summary>
public sealed class HeldAtStopEventArgs : EventArgs
{
    /// <summary>Describes the end of a factory.</summary>
    /// <param name="held">How many locks were renewed or watched.</param>
    /// <param name="released">How many of them a quorum confirmed as released.</param>
    public HeldAtStopEventArgs(int held, int released)
    {
        Held = held;
        Released = released;
    }

    /// <summary>How many locks were renewed or watched.</summary>
    public int Held { get; }

    /// <summary>
    /// How many of them a quorum confirmed as released; the others go with their expiry, if a release that was sent does not reach their
    /// nodes.
    /// </summary>
    public int Released { get; }
}
