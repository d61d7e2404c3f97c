namespace Redlock.Fast.Torture;

/// <summary>What gave a holder its claim.</summary>
internal enum ClaimKind
{
    /// <summary>The key was set where there was none.</summary>
    Acquired = 0,

    /// <summary>The key was found with the holder's own id, and its expiry was set anew.</summary>
    Extended,
}
