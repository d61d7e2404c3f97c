namespace Redlock.Fast.Unit.Tests;

// What is counted on the thread pool comes from nobody's flow of control.
[Collection(nameof(ListeningAlone))]
public class HealCountsTests
{
    private const int Tries = 10;
    private const int Keys = 1000;

    private static readonly ScriptedChannel[] _nodes =
        [new("counted1", TimeProvider.System), new("counted2", TimeProvider.System)];

    [Fact]
    public async Task Every_key_is_counted_by_its_node_whoever_adds_it_meanwhile()
    {
        using MeasurementLog first = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=counted1");
        using MeasurementLog second = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=counted2");
        HealCounts counts = new(_nodes);
        for (int round = 1; round <= Tries; round++)
        {
            Parallel.For(0, 3 * Keys, key => counts.Add(key % 3 == 0 ? 0 : 1));
            await Eventually.Holds(() => Sum(first) == round * Keys && Sum(second) == round * 2 * Keys);
        }
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=counted1");
        HealCounts counts = new(_nodes);
        long least = long.MaxValue;
        for (int tried = 0; tried < Tries && least != 0; tried++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int key = 0; key < Keys; key++)
            {
                counts.Add(0);
            }

            // The queue of the pool, which others use too, may grow in one of the tries.
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static double Sum(MeasurementLog log) => log.Of("redlock.healed").Sum(entry => entry.Value);
}
