using System.Runtime.CompilerServices;
using Redlock.Fast.Aot;
using Redlock.Fast.Testing;

// Uses every package as a natively compiled program does. Prints one line a check; exits 0 if all held, 1 if one did not,
// 77 if there is no redis-server to lock on.
const int AllHeld = 0;
const int Failed = 1;
const int NothingToRunOn = 77;

if (!TempRedis.IsAvailable(out string reason))
{
    Console.WriteLine($"skipped: {reason}");
    return NothingToRunOn;
}

Console.WriteLine(RuntimeFeature.IsDynamicCodeSupported ? "compiled while it runs" : "compiled ahead");
await using TempRedis first = await TempRedis.StartAsync();
await using TempRedis second = await TempRedis.StartAsync();
await using TempRedis third = await TempRedis.StartAsync();
string[] endpoints = [first.Endpoint, second.UnixEndpoint, third.Endpoint];
(string Name, Func<Task> Run)[] checks =
[
    ("locks on servers", () => LockChecks.RunAsync(endpoints)),
    ("a host", () => HostChecks.RunAsync(endpoints)),
    ("test doubles", DoubleChecks.RunAsync),
];
try
{
    foreach ((string name, Func<Task> run) in checks)
    {
        await run();
        Console.WriteLine($"{name}: held");
    }
}
catch (CheckFailedException failure)
{
    Console.WriteLine($"FAILED: {failure.Message}");
    return Failed;
}

return AllHeld;
