using System.Diagnostics;
using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>Another process that wants the same name: does what it is told on its input, and answers a line each.</summary>
internal static class LockerChild
{
    // Whoever started it may be gone without having told it.
    private static readonly TimeSpan _longestLife = TimeSpan.FromMinutes(10);

    /// <summary>Runs until its input ends.</summary>
    /// <param name="arguments">The name, and the endpoints.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using Timer end = new(_ => Environment.Exit(3), null, _longestLife, Timeout.InfiniteTimeSpan);
        await using RedlockFactory factory = RedlockFactory.Create(arguments[1..]);
        await factory.WaitUntilConnectedAsync(factory.Nodes.Count);
        Console.WriteLine("ready");
        RedlockMutex mutex = factory.CreateMutex(arguments[0], MutexOptions.Blocking);

        // Blocking, on the first thread: nothing of it is the pool's.
        while (Console.In.ReadLine() is { } line)
        {
            string answer = await Task.Run(() => DoAsync(factory, mutex, line.Split(' ')));
            Console.WriteLine(answer);
        }

        return 0;
    }

    private static async Task<string> DoAsync(RedlockFactory factory, RedlockMutex mutex, string[] words) => words switch
    {
        ["take"] => (await TakeAsync(mutex)).ToString(CultureInfo.InvariantCulture),
        ["keep", string expiry] => (await KeepAsync(factory, mutex.Name, Milliseconds(expiry))).ToString(CultureInfo.InvariantCulture),
        ["herd", string hold, string duration] => (await Herd.RunAsync(mutex, 1, Milliseconds(hold), Milliseconds(duration))).ToString(),
        ["fenced", string hold, string duration] =>
            await FencedSection.ContendAsync(factory, mutex.Name, Milliseconds(hold), Milliseconds(duration)),
        _ => throw new InvalidOperationException($"No locker can {string.Join(' ', words)}"),
    };

    /// <returns>When it had the lock, in ticks of the stopwatch, which all processes of a machine share.</returns>
    private static async Task<long> TakeAsync(RedlockMutex mutex)
    {
        LockHandle held = await mutex.LockAsync();
        long heldAt = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return heldAt;
    }

    /// <summary>Takes it, and does not release it.</summary>
    /// <returns>Before it was asked for.</returns>
    private static async Task<long> KeepAsync(RedlockFactory factory, string name, TimeSpan expiry)
    {
        // What is asked for the first time waits for the compiler, and that is not part of an expiry.
        await TakeAsync(factory.CreateMutex("warm-up", MutexOptions.NonBlocking));
        RedlockMutex mutex = factory.CreateMutex(name, MutexOptions.NonBlocking with { Expiry = expiry });
        await mutex.UnlockAsync((await mutex.TryLockAsync()).Token);
        long start = Stopwatch.GetTimestamp();
        LockResult result = await mutex.TryLockAsync();
        return result.IsAcquired ? start : throw new InvalidOperationException($"{name}: {result.Status}");
    }

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(double.Parse(text, CultureInfo.InvariantCulture));
}
