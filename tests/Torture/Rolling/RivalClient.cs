using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>A client process that tries to take what another one keeps, until its input is closed.</summary>
internal static class RivalClient
{
    public const string Subcommand = "rival";

    /// <summary>What they want.</summary>
    public const string Name = "rolled";

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(2);

    public static async Task<int> RunAsync(string[] endpoints)
    {
        await using RedlockFactory factory = RedlockFactory.Create(RollingRun.Options, endpoints);
        RedlockMutex mutex = factory.CreateMutex(Name, RollingRun.MutexOptions);

        // Closed by the parent, or by its end, however that comes about.
        Task end = Task.Run(Console.In.ReadToEndAsync);
        int inVain = 0;
        while (!end.IsCompleted)
        {
            LockResult taken = await mutex.TryLockAsync();
            if (taken.IsAcquired)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{MonotonicTime.Shared.GetTimestamp()} {taken.FencingToken}"));
                await mutex.UnlockAsync(taken.Token);
            }

            inVain += taken.IsAcquired ? 0 : 1;
            await Task.Delay(_interval);
        }

        Console.WriteLine(inVain);
        return 0;
    }
}
