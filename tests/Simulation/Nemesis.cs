namespace Redlock.Fast.Simulation;

/// <summary>The faults that strike by the clock.</summary>
internal static class Nemesis
{
    public static void Prepare(World world, SeededRandom random)
    {
        long expiry = world.Plan.ExpiryNanoseconds;
        for (int index = 0; index < world.Nodes.Length; index++)
        {
            SimulatedNode node = world.Nodes[index];
            Strike(world, random, Fault.Stalls, 4, () => node.Stall(random.Below(expiry * 3 / 2)));
            Strike(world, random, Fault.ScriptFlush, 3, node.FlushScripts);
            Strike(world, random, Fault.ClockStep, 5, () => node.StepClock(random.Below(2 * expiry)));
            if (world.Plan.GoesThroughBytes)
            {
                Strike(world, random, Fault.Logins, 5, () => node.Close(
                    random.Pick(LoginTrouble.WrongPassword, LoginTrouble.Loading, LoginTrouble.TooManyClients), random.Below(expiry)));
            }

            int place = index;
            Strike(world, random, Fault.RestartWithData, 6, () => Restart(world, place, random.Below(expiry / 2), NodeKeys.Kept));
            Strike(world, random, Fault.RestartAtOnce, 5, () => Restart(world, place, random.Below(expiry / 20), NodeKeys.Lost));

            Strike(world, random, Fault.RestartInQuarantine, 4, () => Restart(world, place, DownTime(world, random), NodeKeys.Lost));

            // Longer than any key lives, by any clock.
            Strike(world, random, Fault.RestartLate, 5, () => Restart(world, place, (expiry * 11 / 10) + 2_000_000, NodeKeys.Lost));
        }

        foreach (SimulatedClient client in world.Clients)
        {
            Strike(world, random, Fault.Pauses, 4, () => client.PauseFor(random.Below(2 * expiry)));
        }

        for (int name = 0; world.Plan.Has(Fault.Strangers) && name < world.Plan.Names; name++)
        {
            new Stranger(world, new SeededRandom(world.Plan.Seed).Fork(RandomStream.Stranger, name), SimulatedClient.NameOf(name)).Start();
        }

        if (world.Plan.Has(Fault.Dispose))
        {
            SimulatedClient unlucky = world.Clients[random.Next(world.Clients.Length)];
            long moment = random.Below(world.Plan.HealAt);
            unlucky.Post(moment, random.Chance(0.5) ? unlucky.Dispose : unlucky.DisposeInSend);
        }
    }

    /// <summary>Again and again, on average every so many expiries.</summary>
    private static void Strike(World world, SeededRandom random, Fault fault, int expiries, Action action)
    {
        SeededRandom own = new(random.NextBits());
        if (!world.Plan.Has(fault))
        {
            return;
        }

        void Next() => world.At(world.Now + own.Below(2 * expiries * world.Plan.ExpiryNanoseconds), () =>
        {
            if (!world.IsHealed)
            {
                action();
                Next();
            }
        });
        Next();
    }

    // At once, or for so long that every key has expired meanwhile.
    private static long DownTime(World world, SeededRandom random) =>
        random.Below(random.Pick(world.Plan.ExpiryNanoseconds / 20, world.Plan.ExpiryNanoseconds * 3 / 2));

    private static void Restart(World world, int node, long downNanoseconds, NodeKeys keys)
    {
        if (world.Nodes[node].IsUp)
        {
            world.Nodes[node].Restart(downNanoseconds, keys);
            foreach (SimulatedClient client in world.Clients)
            {
                client.GoDown(node);
            }
        }
    }
}
