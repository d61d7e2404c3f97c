namespace Redlock.Fast.Torture;

/// <summary>What a steady caller tells.</summary>
internal enum SteadyEventKind
{
    /// <summary>No call gave a lock for a while.</summary>
    Gap = 0,

    /// <summary>A lock that was renewed is lost.</summary>
    Loss,

    /// <summary>The callers' process had no processor for a while: no node is to be reached by who does not run.</summary>
    Stall,
}
