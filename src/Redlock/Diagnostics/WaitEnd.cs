namespace Redlock.Fast;

/// <summary>How a wait in line ended. The names are those of the figures.</summary>
internal enum WaitEnd : byte
{
    /// <summary>Without the lock: too few nodes answered in time.</summary>
    Unavailable = 0,

    /// <summary>Without the lock: its tries or its time were used up.</summary>
    Contended,

    /// <summary>Its caller gave up.</summary>
    Cancelled,

    /// <summary>The factory was disposed.</summary>
    Disposed,

    /// <summary>Its delay function threw.</summary>
    Faulted,

    /// <summary>With the lock, handed on by its holder within the release.</summary>
    Succession,

    /// <summary>With the lock, asked for when a release was heard.</summary>
    Wake,

    /// <summary>With the lock, asked for without a release having been heard.</summary>
    Poll,
}
