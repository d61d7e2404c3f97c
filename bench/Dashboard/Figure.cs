namespace Redlock.Fast.Bench;

/// <summary>One measured number and what it must reach.</summary>
/// <param name="Name">The figure's name.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Goal">What it must reach, or <c>null</c> if it is only reported.</param>
internal sealed record Figure(string Name, double Value, Goal? Goal)
{
    public bool IsReached => Goal is null || (Goal.AtMost ? Value <= Goal.Bound : Value >= Goal.Bound);
}

/// <summary>A bound on a figure.</summary>
/// <param name="AtMost">Whether smaller is better.</param>
/// <param name="Bound">The bound, itself allowed.</param>
internal sealed record Goal(bool AtMost, double Bound)
{
    public static Goal Most(double bound) => new(true, bound);

    public static Goal Least(double bound) => new(false, bound);

    public override string ToString() => $"{(AtMost ? "<=" : ">=")} {Bound:0.####}";
}
