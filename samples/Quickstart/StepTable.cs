using System.Diagnostics;

namespace Redlock.Fast.Quickstart;

/// <summary>What the steps did, in their order, and how long each took.</summary>
internal sealed class StepTable
{
    private readonly List<Step> _steps = [];
    private long _started;

    public IReadOnlyList<Step> Steps => _steps;

    public bool AllKept => _steps.Count > 0 && _steps.TrueForAll(step => step.Verdict != StepVerdict.Broken);

    /// <summary>What each node said in the outage that the tour makes; empty if it makes none.</summary>
    public IReadOnlyList<NodeOutcome> Outage { get; set; } = [];

    /// <summary>Starts the clock of the next step.</summary>
    public void Begin() => _started = Stopwatch.GetTimestamp();

    /// <summary>How long the step has been running.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>Ends the step with the time since <see cref="Begin"/>.</summary>
    public void End(string promise, string outcome, bool isKept) => End(promise, outcome, isKept, Elapsed);

    /// <summary>Ends the step with a time of its own.</summary>
    public void End(string promise, string outcome, bool isKept, TimeSpan latency) =>
        _steps.Add(new Step(promise, outcome, isKept ? StepVerdict.Kept : StepVerdict.Broken, latency));

    public void LeaveOut(string promise, string reason) =>
        _steps.Add(new Step(promise, reason, StepVerdict.LeftOut, null));
}
