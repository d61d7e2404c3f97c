using Microsoft.Extensions.Hosting;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Derive from it what only one instance of a service may do: <see cref="ExecuteAsLeaderAsync"/> runs on one instance at a time. Register
/// it with <c>services.AddLeaderElection("name").AddHostedService&lt;Reports&gt;()</c>.
/// </summary>
/// <example>
/// <code>
/// public sealed class Reports(ILeaderElection election) : LeaderService(election)
/// {
///     protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
///     {
///         using PeriodicTimer timer = new(TimeSpan.FromMinutes(1));
///         while (await timer.WaitForNextTickAsync(lost))
///         {
///             await SendAsync(lost);
///         }
///     }
/// }
/// </code>
/// </example>
public abstract class LeaderService : BackgroundService
{
    private readonly ILeaderElection _election;

    /// <summary>Works while this instance leads.</summary>
    /// <param name="election">What tells when that is.</param>
    protected LeaderService(ILeaderElection election)
    {
        ArgumentNullException.ThrowIfNull(election);
        _election = election;
    }

    /// <summary>Competes for the leadership, and has the work done whenever it has it.</summary>
    /// <param name="stoppingToken">Cancelled when the host stops.</param>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            LeaderTerm term;
            try
            {
                term = await _election.WaitForTermAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            using CancellationTokenSource lost = CancellationTokenSource.CreateLinkedTokenSource(term.Ended, stoppingToken);
            await WorkAsync(term, lost.Token).ConfigureAwait(false);

            // Work that is done is not done again for the same term.
            await Task.Delay(Timeout.InfiniteTimeSpan, lost.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What only the leader does. It is called once a term, and the next leader waits for its end.</summary>
    /// <param name="term">The term for which this instance leads: look at <see cref="LeaderTerm.IsHeld"/> before each step.</param>
    /// <param name="lost">Cancelled when the leadership is lost or given up, and when the host stops: end soon.</param>
    /// <returns>
    /// A task that may end before the term does: this instance then goes on leading, and does nothing. One that fails is logged and ends
    /// the term, so that another instance has its chance first.
    /// </returns>
    protected abstract Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost);

    private async Task WorkAsync(LeaderTerm term, CancellationToken lost)
    {
        if (!term.TryBeginWork())
        {
            return;
        }

        try
        {
            await ExecuteAsLeaderAsync(term, lost).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // As it was told to.
        }
        catch (Exception fault)
        {
            term.Fail(fault);
        }
        finally
        {
            term.EndWork();
        }
    }
}
