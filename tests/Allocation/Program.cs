using Redlock.Fast.Allocation;
using Redlock.Fast.Testing;

// Usage: [--full] [--selftest] [TEXT in the names of the scenarios]
// Prints one line a scenario, the least of up to three runs; exits 0 if not one byte was allocated, 1 if any was, 77 if there is no
// redis-server to measure on.
bool selfTest = args.Contains("--selftest");
if (!TempRedis.IsAvailable(out string reason))
{
    Console.WriteLine($"skipped: {reason}");
    return 77;
}

FixedThreadPool.Start();

if (selfTest)
{
    // The instrument must be able to fail: one object of 24 bytes in each cycle has to show.
    Scenario scenario = new(3, 1, Situation.Success, 2_000);
    long bytes = await Measurement.RunAsync(scenario, Sabotage.OneObjectACycle);
    bool detected = bytes >= scenario.Cycles * 24L;
    Console.WriteLine($"{scenario.Name} {bytes} with one allocation a cycle put in on purpose: {(detected ? "detected" : "NOT DETECTED")}");
    const long Subscriptions = 2_000;
    bytes = await SubscriptionMeasurement.RunAsync(1, Subscriptions, Sabotage.OneObjectACycle);
    detected &= bytes >= Subscriptions * 24;
    Console.WriteLine(
        $"alloc.subscriptions.c1.bytes {bytes} with one allocation a cycle put in on purpose: {(detected ? "detected" : "NOT DETECTED")}");
    return detected ? 0 : 1;
}

int failed = 0;
string named = args.FirstOrDefault(word => !word.StartsWith('-')) ?? "";
foreach (Scenario scenario in args.Contains("--full") ? Scenario.Full : Scenario.Quick)
{
    if (!scenario.Name.Contains(named, StringComparison.Ordinal))
    {
        continue;
    }

    if (scenario.Situation == Situation.Scriptless && !await Measurement.HasSubstitutesAsync())
    {
        Console.WriteLine($"{scenario.Name} skipped: the server has neither DELIFEQ nor DELEX");
        continue;
    }

    long bytes = await Repeated.RunAsync(scenario);
    Console.WriteLine($"{scenario.Name} {bytes}");
    failed += bytes == 0 ? 0 : 1;
}

foreach (int inFlight in named.Length == 0 ? (int[])[1, 256] : [])
{
    long bytes = await SubscriptionMeasurement.RunAsync(inFlight, 30_000, Sabotage.None);
    Console.WriteLine($"alloc.subscriptions.c{inFlight}.bytes {bytes}");
    failed += bytes == 0 ? 0 : 1;
}

return failed == 0 ? 0 : 1;
