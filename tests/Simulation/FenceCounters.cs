using System.Globalization;

namespace Redlock.Fast.Simulation;

/// <summary>The counters of one node: what the scripts of fenced locks do to them.</summary>
internal sealed class FenceCounters(World world)
{
    private readonly Dictionary<string, Counter> _counters = [];

    public long Read(string key, long now) =>
        _counters.TryGetValue(key, out Counter? counter) && counter.ExpiresAt >= now ? counter.Value : 0;

    /// <summary>One more holder; gives his number.</summary>
    public long Count(SimulatedRequest request, long now)
    {
        long counted = Read(request.Counter, now);
        long proposed = Parse(request.FencingNumber);
        long number = request.Predecessor is not null && world.Plan.Has(Fault.UncountedSuccession) && counted != 0 ? counted
            : world.Plan.Has(Fault.LoweredCounter) ? proposed
            : Math.Max(counted + 1, proposed);
        _counters[request.Counter] = new Counter { Value = number, ExpiresAt = now + Parse(request.CounterLife) };
        return number;
    }

    public void Raise(SimulatedRequest request, long now)
    {
        long expiresAt = _counters.TryGetValue(request.Counter, out Counter? counter) ? counter.ExpiresAt : 0;
        _counters[request.Counter] = new Counter
        {
            Value = Math.Max(Read(request.Counter, now), Parse(request.FencingNumber)),
            ExpiresAt = Math.Max(expiresAt, now + Parse(request.CounterLife)),
        };
    }

    public void Clear() => _counters.Clear();

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private sealed class Counter
    {
        public required long Value { get; init; }

        public required long ExpiresAt { get; init; }
    }
}
