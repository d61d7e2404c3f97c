namespace Redlock.Fast.Torture;

/// <summary>One thing that goes wrong for a while.</summary>
/// <param name="Kind">What.</param>
/// <param name="Start">When, from the start of the run.</param>
/// <param name="Duration">For how long.</param>
/// <param name="Node">The node, where there is one.</param>
/// <param name="Client">The client, or <see cref="AllClients"/>.</param>
/// <param name="Condition">What becomes of a link.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan Start, TimeSpan Duration, int Node, int Client, LinkCondition Condition)
{
    public const int AllClients = -1;
}
