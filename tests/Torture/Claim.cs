namespace Redlock.Fast.Torture;

/// <summary>A time during which one holder relied on a name, and the nodes that granted it.</summary>
/// <param name="Name">The name of the lock.</param>
/// <param name="Owner">The owner id of the token.</param>
/// <param name="Kind">Whether the name was taken or a holding extended.</param>
/// <param name="StartTicks">Read before the call that gave the token: no node had voted earlier.</param>
/// <param name="HandOverTicks">Read after that call: every vote had been cast, and the holder began to rely on it.</param>
/// <param name="EndTicks">The deadline, or the call that released it if that came first.</param>
/// <param name="Nodes">A bit for each node that granted.</param>
internal sealed record Claim(string Name, string Owner, ClaimKind Kind, long StartTicks, long HandOverTicks, long EndTicks, uint Nodes)
{
    public override string ToString() => $"{Owner} ({Kind}, nodes {NodeList()}) from {HandOverTicks} to {EndTicks} ns";

    private string NodeList()
    {
        List<int> nodes = [];
        for (int node = 0; Nodes >> node != 0; node++)
        {
            if ((Nodes & (1u << node)) != 0)
            {
                nodes.Add(node);
            }
        }

        return nodes.Count == 0 ? "none" : string.Join('+', nodes);
    }
}
