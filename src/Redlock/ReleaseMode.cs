namespace Redlock.Fast;

/// <summary>What whoever disposes a handle waits for.</summary>
public enum ReleaseMode : byte
{
    /// <summary>Until a quorum has confirmed the release, or can't any more.</summary>
    Confirmed = 0,

    /// <summary>
    /// For nothing: the release is sent, and the caller goes on. On each connection it goes ahead of whatever this process sends for the
    /// name next. How it ends, the events, meters and spans tell; the end of the factory waits for it.
    /// </summary>
    Posted,
}
