namespace Redlock.Fast.SharedTests;

/// <summary>Tests beside which no other runs: listeners of one test hear, and change, what all tests of the process do.</summary>
[CollectionDefinition(nameof(ListeningAlone), DisableParallelization = true)]
public sealed class ListeningAlone;
