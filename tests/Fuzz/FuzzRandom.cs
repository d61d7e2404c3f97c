namespace Redlock.Fast.Fuzz;

/// <summary>A generator of some nanoseconds a number (SplitMix64), which can be started again from any state.</summary>
internal struct FuzzRandom
{
    private ulong _state;

    public FuzzRandom(ulong state) => _state = state;

    public ulong Next()
    {
        ulong mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 to below <paramref name="bound"/>; 0 for a bound of 0.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);
}
