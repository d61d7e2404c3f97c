namespace Redlock.Fast.Quickstart;

/// <summary>One thing the library promises, and what came of it.</summary>
internal sealed record Step(string Promise, string Outcome, StepVerdict Verdict, TimeSpan? Latency);

internal enum StepVerdict
{
    Broken = 0,
    Kept,
    LeftOut,
}
