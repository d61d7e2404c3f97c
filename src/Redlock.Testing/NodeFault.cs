namespace Redlock.Fast.Testing;

/// <summary>What is to go wrong with one command.</summary>
internal readonly record struct NodeFault(FaultKind Kind, FaultMoment Moment, string Error);

/// <summary>What a command's sender sees of a fault.</summary>
internal enum FaultKind
{
    /// <summary>The connection ends.</summary>
    Drop = 0,

    /// <summary>Nothing, from now on.</summary>
    Silence,

    /// <summary>An error reply.</summary>
    Error,
}
