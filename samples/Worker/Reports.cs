using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.Worker;

/// <summary>What only one instance may do: it works on a resource that lets nobody in beside it, and so would tell if two led.</summary>
internal sealed partial class Reports(ILeaderElection election, IConfiguration configuration, ILogger<Reports> logger)
    : LeaderService(election)
{
    private static readonly TimeSpan _stepTime = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
    {
        string resource = configuration["Worker:Resource"] ?? throw new InvalidOperationException("Worker:Resource names no file.");
        await using FileStream mine = new(resource, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        int steps = 0;

        // Short steps, and a look at the lock before each.
        while (term.IsHeld)
        {
            mine.SetLength(0);
            mine.Write(BitConverter.GetBytes(++steps));
            await mine.FlushAsync(lost);
            Say(steps);
            await Task.Delay(_stepTime, lost);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "step {Step}")]
    private partial void Say(int step);
}
