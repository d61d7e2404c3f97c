namespace Redlock.Fast.Simulation;

/// <summary>Somebody else who locks in the plainest way: SET NX PX, and a release that knows nothing of waiting and tells nobody.</summary>
internal sealed class Stranger(World world, SeededRandom random, string key)
{
    private const int Expiries = 5;
    private int _visits;

    /// <summary>Comes now and then.</summary>
    public void Start() => world.At(world.Now + random.Below(2 * Expiries * world.Plan.ExpiryNanoseconds), () =>
    {
        if (!world.IsHealed)
        {
            Visit();
            Start();
        }
    });

    private void Visit()
    {
        string owner = $"stranger {++_visits} of {key}";
        long stays = random.Below(world.Plan.ExpiryNanoseconds / 2);
        bool walksAway = random.Chance(0.2);
        foreach (SimulatedNode node in world.Nodes)
        {
            SimulatedNode visited = node;
            world.At(world.Now + random.Below(2 * world.Plan.Latency), () =>
            {
                if (visited.TryTakeForStranger(key, owner, (long)world.Plan.Expiry.TotalMilliseconds))
                {
                    world.Note("stranger", "takes", $"{key} on {visited.Name}");
                }
            });
            if (!walksAway)
            {
                world.At(world.Now + stays + (2 * world.Plan.Latency), () => visited.ReleaseForStranger(key, owner));
            }
        }
    }
}
