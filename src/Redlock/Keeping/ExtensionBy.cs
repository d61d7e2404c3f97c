namespace Redlock.Fast;

/// <summary>Who asked for an extension.</summary>
internal enum ExtensionBy : byte
{
    /// <summary>A caller.</summary>
    Caller = 0,

    /// <summary>It is a renewal. What the nodes say counts until the lock is lost, however late.</summary>
    Renewal,

    /// <summary>It is another renewal while an earlier one may still be answered: it waits for a node as any operation does.</summary>
    RepeatedRenewal,
}
