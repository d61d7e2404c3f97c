namespace Redlock.Fast;

/// <summary>
/// Until when this process lets others go first that wait for what it has just released: else the busiest takes its own lock again for
/// ever.
/// </summary>
/// <remarks>
/// A moment a place, many keys a place: whose key falls together with another one's waits for a round trip, and that is all.
/// </remarks>
internal sealed class Yields
{
    private const int Places = 256;

    private readonly long[] _untilTicks = new long[Places];
    private readonly bool[] _areExpected = new bool[Places];

    /// <summary>Zero if it never did.</summary>
    public long UntilTicks(int keyHash) => Volatile.Read(ref _untilTicks[(uint)keyHash % Places]);

    public void Note(int keyHash, long untilTicks) => Volatile.Write(ref _untilTicks[(uint)keyHash % Places], untilTicks);

    /// <summary>Others wait, as far as is known.</summary>
    public void Expect(int keyHash) => Volatile.Write(ref _areExpected[(uint)keyHash % Places], true);

    /// <summary>Whether others were expected to wait; from now on they are not.</summary>
    public bool TakeExpected(int keyHash)
    {
        ref bool areExpected = ref _areExpected[(uint)keyHash % Places];
        bool wereExpected = Volatile.Read(ref areExpected);
        if (wereExpected)
        {
            Volatile.Write(ref areExpected, false);
        }

        return wereExpected;
    }
}
