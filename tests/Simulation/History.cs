using System.Globalization;
using System.Runtime.InteropServices;

namespace Redlock.Fast.Simulation;

/// <summary>What happened in one run: a hash of everything, and on request a line for each thing.</summary>
internal sealed class History(TextWriter? trace)
{
    private const ulong Prime = 0x100000001B3;

    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    public long Count { get; private set; }

    /// <summary>Notes one thing.</summary>
    /// <param name="time">True time in nanoseconds.</param>
    /// <param name="who">The party it happened to.</param>
    /// <param name="what">What happened.</param>
    /// <param name="detail">To whom, with what.</param>
    public void Note(long time, string who, string what, string detail = "")
    {
        Count++;
        Mix((ulong)time);
        Mix(who);
        Mix(what);
        Mix(detail);
        trace?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time / 1e6,12:0.000} ms  {who,-10} {what,-22} {detail}"));
    }

    private void Mix(string text)
    {
        // By four letters: letter by letter it was a twelfth of every run.
        ReadOnlySpan<char> letters = text;
        foreach (ulong four in MemoryMarshal.Cast<char, ulong>(letters))
        {
            Mix(four);
        }

        foreach (char letter in letters[(letters.Length & ~3)..])
        {
            Mix(letter);
        }

        Mix((ulong)letters.Length);
    }

    private void Mix(ulong value) => Hash = (Hash ^ value) * Prime;
}
