using System.Runtime.InteropServices;

namespace Redlock.Fast.Simulation;

/// <summary>A generator whose whole future is its seed; the same in every process and every version of .NET.</summary>
/// <remarks>SplitMix64. Each part of a simulation has a fork of its own, so that taking one part away leaves the draws of the
/// others.</remarks>
internal sealed class SeededRandom : Random
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private readonly ulong _seed;
    private ulong _state;

    public SeededRandom(ulong seed) => _seed = _state = seed;

    /// <summary>A generator of its own for one part of the simulation.</summary>
    public SeededRandom Fork(RandomStream stream, int index = 0) => new(Mix(_seed ^ Mix(((ulong)stream << 32) + (uint)index + Step)));

    public ulong NextBits() => Mix(_state += Step);

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>From zero to below <paramref name="end"/>.</summary>
    public long Below(long end) => end <= 0 ? 0 : (long)(NextBits() % (ulong)end);

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[(int)Below(choices.Length)];

    public override double NextDouble() => Sample();

    public override int Next(int maxValue) => (int)Below(maxValue);

    public override void NextBytes(Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int at = 0; at < buffer.Length; at += word.Length)
        {
            MemoryMarshal.Write(word, NextBits());
            word[..Math.Min(word.Length, buffer.Length - at)].CopyTo(buffer[at..]);
        }
    }

    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}

/// <summary>What a fork of the seed is drawn for.</summary>
internal enum RandomStream
{
    Plan,
    Link,
    Node,
    Pause,
    Resumption,
    Program,
    OwnerIds,
    Jitter,
    Wakes,
    Stranger,
    Crowd,
    Bytes,
    WallClock,
    Logins,
}
