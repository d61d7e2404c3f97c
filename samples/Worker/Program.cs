using System.Diagnostics;
using Redlock.Fast.Testing;
using Redlock.Fast.Worker;

// Three instances compete for one leadership. The leader is killed, then the next one is stopped in good order; each time another takes
// over. Exits 0 if both hand-overs happened and nobody led beside another, else 1.
const int handedOver = 0;
const int notHandedOver = 1;
TimeSpan patience = TimeSpan.FromSeconds(30);

using InMemoryNode first = InMemoryNode.Start();
using InMemoryNode second = InMemoryNode.Start();
using InMemoryNode third = InMemoryNode.Start();
Scoreboard scoreboard = new();
List<ServiceInstance> instances = [];
try
{
    foreach (string name in (string[])["A", "B", "C"])
    {
        instances.Add(await ServiceInstance.StartAsync(name, [first, second, third], scoreboard));
    }

    Instance leader = await scoreboard.LeaderOtherThanAsync(null, patience);

    // Longer than the expiry: only a lock that is renewed lasts so long.
    await Task.Delay(TimeSpan.FromSeconds(3));
    if (scoreboard.Leader != leader)
    {
        scoreboard.Say($"{leader.Name} lost the lock although it was renewed");
        return notHandedOver;
    }

    scoreboard.Say($"{leader.Name} has led for longer than the expiry, thanks to renewal; now it is killed");
    long start = Stopwatch.GetTimestamp();
    instances.Single(instance => instance.Instance == leader).Kill();
    Instance next = await scoreboard.LeaderOtherThanAsync(leader, patience);
    scoreboard.Say($"handed over after a kill: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms (the expiry is 2000 ms)");

    scoreboard.Say($"now {next.Name} is stopped in good order");
    start = Stopwatch.GetTimestamp();
    Task stopping = instances.Single(instance => instance.Instance == next).StopAsync();
    await scoreboard.LeaderOtherThanAsync(next, patience);
    scoreboard.Say($"handed over after a release: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    await stopping;
}
catch (TimeoutException)
{
    scoreboard.Say($"nobody took over within {patience.TotalSeconds:0} s");
    return notHandedOver;
}
finally
{
    foreach (ServiceInstance instance in instances)
    {
        await instance.DisposeAsync();
    }
}

scoreboard.Say($"{scoreboard.Steps} steps of work, {scoreboard.Overlaps} leaders beside another");
return scoreboard.Overlaps == 0 ? handedOver : notHandedOver;
