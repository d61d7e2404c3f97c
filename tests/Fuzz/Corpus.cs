using System.Text;
using Redlock.Fast.Resp.Tests;

namespace Redlock.Fast.Fuzz;

/// <summary>The inputs from which others are made: the catalogue, and whatever led somewhere new.</summary>
internal sealed class Corpus
{
    // Enough for every behaviour that is told apart many times over; beyond it new finds take the place of old ones.
    private const int MostInputs = 4096;

    // Long inputs cost more than they find.
    private const int LongestKept = 512;

    private readonly List<byte[]> _inputs = [];
    private readonly HashSet<ulong> _behaviours = [];
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

    public int Behaviours => _behaviours.Count;

    public ReadOnlySpan<byte> Pick(ref FuzzRandom random) => _inputs[random.Below(_inputs.Count)];

    /// <summary>Keeps an input that did something that none did before.</summary>
    public void Consider(ReadOnlySpan<byte> input, ulong behaviour, ref FuzzRandom random)
    {
        if (!_behaviours.Add(behaviour) || input.Length > LongestKept)
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
