namespace Redlock.Fast.Unit.Tests;

// What is counted on the thread pool comes from nobody's flow of control.
[Collection(nameof(ListeningAlone))]
public class HealCountsTests
{
    private const int Tries = 10;
    private const int Keys = 1000;

    [Fact]
    public async Task Every_key_is_counted_by_its_node_whoever_adds_it_meanwhile()
    {
        using MeasurementLog first = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=counted1");
        using MeasurementLog second = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=counted2");
        HealCounts counts = new([Node("counted1"), Node("counted2")]);
        for (int round = 1; round <= Tries; round++)
        {
            Parallel.For(0, 3 * Keys, key => counts.Add(key % 3 == 0 ? 0 : 1));
            await Eventually.Holds(() => Sum(first) == round * Keys && Sum(second) == round * 2 * Keys);
        }
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        // Under a name of its own: it may be counted when this test is over.
        using MeasurementLog log = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=uncounted");
        HealCounts counts = new([Node("uncounted")]);
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

    private static ScriptedChannel Node(string name) => new(name, TimeProvider.System);

    private static double Sum(MeasurementLog log) => log.Of("redlock.healed").Sum(entry => entry.Value);
}
