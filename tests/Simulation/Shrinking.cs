using System.Globalization;

namespace Redlock.Fast.Simulation;

/// <summary>
/// Makes a failing run smaller: fewer faults, clients, nodes, callers, names, less time, as long as the same invariant breaks.
/// </summary>
internal static class Shrinking
{
    public static (SimulationPlan Plan, Violation Violation) Shrink(SimulationPlan plan, Violation violation)
    {
        bool isSmaller;
        do
        {
            isSmaller = false;
            foreach (SimulationPlan candidate in Smaller(plan, violation))
            {
                if (candidate != plan && World.Run(candidate).Violation is { } still && still.Invariant == violation.Invariant)
                {
                    plan = candidate;
                    violation = still;
                    isSmaller = true;
                    break;
                }
            }
        }
        while (isSmaller);
        return (plan, violation);
    }

    /// <summary>The command that replays a plan.</summary>
    public static string Command(SimulationPlan plan)
    {
        ByteUse bytes = plan.GoesThroughBytes ? ByteUse.Always : ByteUse.Never;
        SimulationPlan drawn = SimulationPlan.Draw(plan.Seed, bytes);
        List<string> words = ["dotnet run -c Release --project tests/Simulation --"];
        void Add(string option, object value, bool isChanged)
        {
            if (isChanged)
            {
                words.Add(string.Create(CultureInfo.InvariantCulture, $"{option} {value}"));
            }
        }

        Add("--trace --seed", plan.Seed, isChanged: true);
        Fault without = drawn.Faults & ~plan.Faults;
        Fault with = plan.Faults & ~drawn.Faults;
        Add("--without", without.ToString().Replace(" ", "", StringComparison.Ordinal), without != Fault.None);
        Add("--with", with.ToString().Replace(" ", "", StringComparison.Ordinal), with != Fault.None);
        Add("--bytes", bytes.ToString().ToLowerInvariant(), SimulationPlan.Draw(plan.Seed).GoesThroughBytes != plan.GoesThroughBytes);
        Add("--clients", plan.Clients, plan.Clients != drawn.Clients);
        Add("--nodes", plan.Nodes, plan.Nodes != drawn.Nodes);
        Add("--callers", plan.CallersAClient, plan.CallersAClient != drawn.CallersAClient);
        Add("--names", plan.Names, plan.Names != drawn.Names);
        Add(plan.IsFenced ? "--fenced" : "--unfenced", "", plan.IsFenced != drawn.IsFenced);
        Add("--quorum", "default", plan.Quorum != drawn.Quorum);
        Add("--heal-at", plan.HealAt, plan.HealAt != drawn.HealAt);
        return string.Join(' ', words) + (plan.ExclusionOnly ? " --exclusion-only" : "");
    }

    private static IEnumerable<SimulationPlan> Smaller(SimulationPlan plan, Violation violation)
    {
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            if (fault is not (Fault.Model or Fault.ModelOfBytes))
            {
                yield return plan with { Faults = plan.Faults & ~fault };
            }
        }

        yield return plan with { IsFenced = false };
        yield return plan with { Quorum = null };
        yield return plan with { CallersAClient = 1 };
        yield return plan with { Names = 1 };
        for (int clients = 1; clients < plan.Clients; clients++)
        {
            yield return plan with { Clients = clients };
        }

        for (int nodes = 1; nodes < plan.Nodes; nodes++)
        {
            yield return plan with { Nodes = nodes, Quorum = null };
        }

        // What healing would have changed later does not matter any more.
        if (violation.Time < plan.HealAt)
        {
            yield return plan with { HealAt = violation.Time + 1 };
        }

        yield return plan with { HealAt = plan.HealAt * 3 / 4 };
    }
}
