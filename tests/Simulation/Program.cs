using Redlock.Fast.Simulation;

SimulationOptions options;
try
{
    options = SimulationOptions.Parse(args);
}
catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

if (options.RunsMutants)
{
    return MutantTable.Print(options.MutantsNamed, options.Bytes) ? 0 : 1;
}

if (options.First == options.Last)
{
    SimulationPlan plan = options.PlanOf(options.First);
    SimulationResult result = World.Run(plan, options.IsTraced ? Console.Out : null);
    Console.WriteLine(plan);
    string verdict = result.Violation?.ToString() ?? "every invariant held";
    Console.WriteLine($"{result.Events} events, {result.Claims} locks handed over, history {result.Hash:x16}: {verdict}");
    return result.Violation is null ? 0 : 1;
}

Campaign campaign = new(options, Console.Error);
campaign.Run();
if (campaign.Failure is { } failure)
{
    Console.WriteLine($"seed {failure.Plan.Seed} breaks {failure.Violation}");
    if (!options.EndsAtFirst && failure.Violation.Invariant != Invariant.IsDeterministic)
    {
        (SimulationPlan smaller, Violation violation) = Shrinking.Shrink(failure.Plan, failure.Violation);
        Console.WriteLine($"made smaller: {violation}\n{smaller}\nreplay: {Shrinking.Command(smaller)}");
    }
}

if (campaign.LostGrowth > 0)
{
    Console.WriteLine($"{campaign.LostGrowth} fencing tokens did not grow because nodes had lost their data");
}

Console.WriteLine(
    $"{campaign.Seeds} seeds, {campaign.Events} events, {campaign.Claims} locks handed over in {campaign.Elapsed.TotalSeconds:0.0} s: "
    + (campaign.Failure is null ? "every invariant held" : "FAILED"));
return campaign.Failure is null ? 0 : 1;
