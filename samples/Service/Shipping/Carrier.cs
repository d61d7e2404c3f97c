namespace Redlock.Fast.Service;

/// <summary>Somebody else's system, slow, which sends what it is told to send, twice if it is told twice.</summary>
internal sealed class Carrier
{
    public static readonly TimeSpan LongestLatency = TimeSpan.FromSeconds(60);

    private long _latencyTicks = TimeSpan.FromSeconds(2).Ticks;
    private int _waiting;

    /// <summary>How long it takes for a parcel.</summary>
    public TimeSpan Latency
    {
        get => new(Volatile.Read(ref _latencyTicks));
        set => Volatile.Write(ref _latencyTicks, value.Ticks);
    }

    /// <summary>Parcels that wait for the truck.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <returns>The label of the parcel.</returns>
    public async Task<string> SendAsync(int order, int parcel, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, cancellationToken);
        Interlocked.Increment(ref _waiting);
        return $"{order}-{parcel}";
    }

    /// <returns>How many parcels the truck took.</returns>
    public int PickUp() => Interlocked.Exchange(ref _waiting, 0);
}
