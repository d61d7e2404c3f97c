using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>A client process that adds to a shared set under a lock, until its input is closed, and prints what was accepted.</summary>
/// <remarks>
/// It never looks whether it still holds the lock: a process that is paused between looking and writing could not either.
/// </remarks>
internal static class SetClient
{
    public const string Subcommand = "set";

    /// <summary>How long a lock is good for.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan _longestWork = TimeSpan.FromMilliseconds(20);

    public static IEnumerable<string> Arguments(string store, int client, FencedRun.Tokens tokens, IEnumerable<string> endpoints) =>
        [store, client.ToString(CultureInfo.InvariantCulture), tokens.ToString(), .. endpoints];

    public static async Task<int> RunAsync(string[] arguments)
    {
        using SharedSet set = SharedSet.Open(arguments[0]);
        FencedRun.Tokens tokens = Enum.Parse<FencedRun.Tokens>(arguments[2]);
        await using RedlockFactory factory = RedlockFactory.Create(arguments[3..]);
        RedlockMutex mutex = factory.CreateMutex(
            "set", MutexOptions.Blocking with { Expiry = Expiry, Fenced = tokens == FencedRun.Tokens.Compared });

        // Closed by the parent, or by its end, however that comes about.
        Task end = Task.Run(Console.In.ReadToEndAsync);
        for (int number = 0; !end.IsCompleted; number++)
        {
            string element = $"{arguments[1]}.{number}";
            // One that was paused on its way here may have waited, and had it, in vain.
            LockResult taken = await mutex.TryLockAsync(Timeout.InfiniteTimeSpan);
            if (!taken.IsAcquired)
            {
                continue;
            }

            string[]? elements = set.TryRead(taken.FencingToken);
            await Task.Delay(_longestWork * Random.Shared.NextDouble());
            if (elements is not null && set.TryWrite([.. elements, element], taken.FencingToken))
            {
                Console.WriteLine(element);
            }

            await mutex.UnlockAsync(taken.Token);
        }

        return 0;
    }
}
