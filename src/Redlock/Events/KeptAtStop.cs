namespace Redlock.Fast;

/// <summary>What becomes of locks that are renewed or watched when their factory is disposed.</summary>
public enum KeptAtStop : byte
{
    /// <summary>They are lost at once, <see cref="LockHandle.Lost"/> fires, and they are released on the nodes.</summary>
    Release = 0,

    /// <summary>They are renewed no more, and each is lost at its deadline: for holders that may not notice their loss in time.</summary>
    Leave,
}
