using System.Diagnostics;
using System.Globalization;
using Redlock.Fast.Simulation;

ulong first = 1;
ulong last = 1000;
for (int place = 0; place < args.Length; place++)
{
    if (args[place] == "--seeds")
    {
        string[] ends = args[++place].Split('-');
        first = ulong.Parse(ends[0], CultureInfo.InvariantCulture);
        last = ulong.Parse(ends[1], CultureInfo.InvariantCulture);
    }
    else if (args[place] == "--seed")
    {
        first = last = ulong.Parse(args[++place], CultureInfo.InvariantCulture);
    }
}

Stopwatch clock = Stopwatch.StartNew();
long events = 0;
long claims = 0;
int failed = 0;
for (ulong seed = first; seed <= last; seed++)
{
    SimulationPlan plan = SimulationPlan.Draw(seed);
    SimulationResult result = Simulation.Run(plan, args.Contains("--trace") ? Console.Out : null);
    events += result.Events;
    claims += result.Claims;
    if (result.Violation is not null)
    {
        Console.WriteLine($"seed {seed}: {result.Violation}\n  {plan}");
        if (++failed == 10)
            break;
    }
}

Console.WriteLine($"{last - first + 1} seeds, {events} events, {claims} claims, {clock.Elapsed.TotalSeconds:0.0} s, {failed} failed");
return failed == 0 ? 0 : 1;
