namespace Redlock.Fast;

/// <summary>On whose time an operation settled, which is where its caller may go on.</summary>
internal enum SettledBy : byte
{
    /// <summary>The caller's own thread, before it was given anything to await.</summary>
    Caller = 0,

    /// <summary>A thread that reads replies.</summary>
    Reader,

    /// <summary>A timer's thread or a canceller's, which must not run the caller's code.</summary>
    Other,
}
