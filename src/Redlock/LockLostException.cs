using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>A lock was lost while a function ran under it, and the function ended because of that.</summary>
/// <remarks>
/// It is no <see cref="OperationCanceledException"/>: nobody asked for it, and what the function did half may overlap with the next
/// holder's work.
/// </remarks>
public sealed class LockLostException : Exception
{
    /// <summary>Describes a loss.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="reason">Why it was lost.</param>
    /// <param name="inner">What the function threw when its token was cancelled.</param>
    public LockLostException(string name, LossReason reason, Exception? inner = null)
        : base(Describe(name, reason), inner)
    {
        Name = name;
        Reason = reason;
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>Why it was lost.</summary>
    public LossReason Reason { get; }

    private static string Describe(string name, LossReason reason)
    {
        string why = reason switch
        {
            LossReason.Refused => "a quorum of nodes no longer holds this owner's value: it was deleted, or somebody else took it",
            LossReason.HeldTooLong => "it was renewed for MaxHoldTime, and then ran out",
            LossReason.Stopped => "its factory stopped, and gave it up",
            _ => "its deadline came before a renewal succeeded, or nobody renewed it (MutexOptions.Renew)",
        };
        return $"The lock '{PrintableText.OfName(name)}' was lost while the function ran under it, and the function was cancelled: {why}.";
    }
}
