namespace Redlock.Fast.Torture;

/// <summary>A call that waited for a name no longer than for a time of its own.</summary>
/// <param name="Name">The name of the lock.</param>
/// <param name="StartTicks">Read before the call.</param>
/// <param name="BoundTicks">When it has to be over on a machine without other work.</param>
/// <param name="EndTicks">Read after the call, or the end of its process; the largest number if it never ended.</param>
/// <param name="End">How it ended; nothing if it did not.</param>
internal sealed record Wait(string Name, long StartTicks, long BoundTicks, long EndTicks, CallEnd? End)
{
    public override string ToString() =>
        $"a wait for '{Name}' from {StartTicks} ns that was bound to end within {Seconds(BoundTicks)} s "
        + (EndTicks == long.MaxValue
            ? "and never ended"
            : $"and ended {End?.ToString() ?? "with its process"} after {Seconds(EndTicks)} s");

    private string Seconds(long ticks) => DoneToNodes.Seconds(StartTicks, ticks);
}
