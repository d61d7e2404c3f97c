using Microsoft.Extensions.Hosting;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.Worker;

/// <summary>Competes for the leadership, leads for as long as the lock lasts, and competes again.</summary>
internal sealed class LeaderWork(LockProvider locks, Instance instance, Scoreboard scoreboard) : BackgroundService
{
    private static readonly TimeSpan _stepTime = TimeSpan.FromMilliseconds(20);

    // LockAsync has waited between its tries already; behind all of them, or where it could not wait, asking again at once wins nothing.
    private static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Expiry, retries and renewal come from the configuration of the host.
        RedlockMutex leadership = locks.CreateMutex("leader");
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using LockHandle held = await leadership.LockAsync(stoppingToken);
                await LeadAsync(held, stoppingToken);
            }
            catch (LockFailedException)
            {
                // Somebody else leads, or no quorum answers: either way, compete again, and not in step with the others.
                await PauseAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static async Task PauseAsync(CancellationToken stoppingToken) =>
        await Task.Delay(_shortestPause * (1 + Random.Shared.NextDouble()), stoppingToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task LeadAsync(LockHandle held, CancellationToken stoppingToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(held.Lost, stoppingToken);
        scoreboard.Began(instance);
        try
        {
            while (true)
            {
                // Whatever only a leader may do: short steps, and a look at the lock before each.
                await Task.Delay(_stepTime, over.Token);
                scoreboard.Worked(instance, held.IsHeld);
            }
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested)
        {
            scoreboard.Lost(instance);
        }
        finally
        {
            scoreboard.Ended(instance);
        }
    }
}
