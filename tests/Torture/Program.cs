using Redlock.Fast.Testing;
using Redlock.Fast.Torture;

// Usage: [fenced|rolling] [--seconds S] [--seed X] [--from-outside] [--selftest] [--postgres Host=...]
// Exits 0 if the lock kept its promise, 1 if not, 2 if it was called wrongly, 77 if there is no redis-server to torture.
// Fenced: holders of a set are paused; updates must be lost without fencing tokens, and none with. The set is kept
// in a file of SQLite, or where --postgres says.
// Rolling: every server is restarted without its data, one after the other, under a lock that is renewed; it must be kept.
// With --from-outside nodes are paused and killed, and asked for nothing: for servers that have other commands than Redis.
// With --selftest the holders break the promise on purpose, and 0 means that this was seen.
if (args is [HotClient.Subcommand, ..])
{
    return await HotClient.RunAsync(args[1..]);
}

if (args is [ForeignClient.Subcommand, ..])
{
    return await ForeignClient.RunAsync(args[1..]);
}

if (args is [SteadyClient.Subcommand, ..])
{
    return await SteadyClient.RunAsync(args[1..]);
}

if (args is [SetClient.Subcommand, ..])
{
    return await SetClient.RunAsync(args[1..]);
}

if (args is [RivalClient.Subcommand, ..])
{
    return await RivalClient.RunAsync(args[1..]);
}

bool isFenced = args is [FencedRun.Subcommand, ..];
bool isRolling = args is [RollingRun.Subcommand, ..];
TortureOptions options;
try
{
    options = TortureOptions.Parse(isFenced || isRolling ? args[1..] : args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}

if (!TempRedis.IsAvailable(out string reason))
{
    Console.WriteLine($"skipped: {reason}");
    return 77;
}

if (isFenced)
{
    return await new FencedRun(options).RunAsync() ? 0 : 1;
}

if (isRolling)
{
    return await new RollingRun(options.Duration, options.Seed).RunAsync() ? 0 : 1;
}

using TortureRun run = new(options);
bool kept = await run.RunAsync();
bool expected = options.Sabotage == Sabotage.None;
if (!expected)
{
    Console.WriteLine(kept ? "NOT DETECTED: holders relied on names that they had released."
        : "detected: holders relied on names that they had released.");
}

return kept == expected ? 0 : 1;
