using Redlock.Fast.Extensions;

namespace Redlock.Fast.Service;

/// <summary>Orders the carrier's truck for what waits: one truck, from one instance, however many there are.</summary>
internal sealed partial class Pickup(ILeaderElection election, Carrier carrier, ILogger<Pickup> logger) : LeaderService(election)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
    {
        using PeriodicTimer timer = new(_interval);
        while (await timer.WaitForNextTickAsync(lost))
        {
            int parcels = term.IsHeld ? carrier.PickUp() : 0;
            if (parcels > 0)
            {
                Say(parcels);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The truck took {Parcels} parcels.")]
    private partial void Say(int parcels);
}
