namespace Redlock.Fast.Torture;

/// <summary>How a call of a client ended.</summary>
internal enum CallEnd
{
    /// <summary>It took a name.</summary>
    Acquired = 0,

    /// <summary>Somebody else held the name.</summary>
    Contended,

    /// <summary>Too few nodes answered.</summary>
    Unavailable,

    /// <summary>Its caller gave up.</summary>
    Cancelled,

    /// <summary>It extended a holding.</summary>
    Extended,

    /// <summary>It was to extend a holding that was gone.</summary>
    Lost,
}
