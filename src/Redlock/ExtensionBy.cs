namespace Redlock.Fast;

/// <summary>Who asked for an extension.</summary>
internal enum ExtensionBy : byte
{
    /// <summary>A caller.</summary>
    Caller = 0,

    /// <summary>It is a renewal.</summary>
    Renewal,
}
