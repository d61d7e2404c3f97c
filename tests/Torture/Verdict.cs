namespace Redlock.Fast.Torture;

/// <summary>What a checker thinks of a history.</summary>
/// <param name="Claims">How many claims there were.</param>
/// <param name="ExplainedOverlaps">Pairs of holders at one time for which nodes that forgot their data are to blame.</param>
/// <param name="Violations">Everything that no fault explains, for people.</param>
internal sealed record Verdict(int Claims, int ExplainedOverlaps, IReadOnlyList<string> Violations);
