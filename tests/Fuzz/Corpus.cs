using System.Text;
using Redlock.Fast.SharedTests;

namespace Redlock.Fast.Fuzz;

/// <summary>The inputs from which others are made: the catalogue, and whatever led somewhere new.</summary>
internal sealed class Corpus
{
    // So few that they stay in the cache of a core; beyond it new finds take the place of old ones.
    private const int MostInputs = 2048;

    // Long inputs cost more than they find.
    private const int LongestKept = 128;

    private readonly List<byte[]> _inputs = [];

    // A bit a behaviour, told apart by a hash: two that share one are a small loss, a set that outgrows the cache is a large one.
    private readonly ulong[] _seen = new ulong[4096];
    private readonly int _permanent;

    public Corpus()
    {
        foreach (string payload in RespCatalogue.All)
        {
            _inputs.Add(Encoding.Latin1.GetBytes(payload));
        }

        _permanent = _inputs.Count;
    }

    public int Count => _inputs.Count;

    public int Behaviours { get; private set; }

    public ReadOnlySpan<byte> Pick(ref FuzzRandom random) => _inputs[random.Below(_inputs.Count)];

    /// <summary>Keeps an input that did something that none did before.</summary>
    public void Consider(ReadOnlySpan<byte> input, ulong behaviour, ref FuzzRandom random)
    {
        ulong hash = behaviour * 0x9E3779B97F4A7C15;
        ref ulong word = ref _seen[(hash >> 32) % (ulong)_seen.Length];
        ulong bit = 1UL << (int)(hash >> 58);
        if ((word & bit) != 0)
        {
            return;
        }

        word |= bit;
        Behaviours++;
        if (input.Length > LongestKept)
        {
            return;
        }

        if (_inputs.Count < MostInputs)
        {
            _inputs.Add(input.ToArray());
        }
        else
        {
            _inputs[_permanent + random.Below(MostInputs - _permanent)] = input.ToArray();
        }
    }
}
