namespace Redlock.Fast.Unit.Tests;

/// <summary>Goes through all states that a model can come to, by the shortest ways first.</summary>
internal sealed class FencingExplorer(FencingModel model)
{
    private readonly Dictionary<byte[], int> _places = new(new StateComparer());
    private readonly List<byte[]> _states = [];

    // How each state was first come to.
    private readonly List<int> _before = [];

    public int States => _states.Count;

    /// <summary>How many steps were looked at.</summary>
    public long Steps { get; private set; }

    /// <summary>The shortest history that ends in what must not be; empty if none does.</summary>
    public IReadOnlyList<string> Explore(byte[] counters)
    {
        foreach (byte[] beginning in model.Beginnings(counters))
        {
            TryAdd(beginning, before: -1);
        }

        for (int place = 0; place < _states.Count; place++)
        {
            foreach (Step step in model.Next(_states[place]))
            {
                Steps++;
                if (step.Violation is not null)
                {
                    return [.. HistoryOf(place), step.Violation];
                }

                TryAdd(step.State, place);
            }
        }

        return [];
    }

    private void TryAdd(byte[] state, int before)
    {
        if (_places.TryAdd(state, _states.Count))
        {
            _states.Add(state);
            _before.Add(before);
        }
    }

    // The words are made again: a state keeps only where it came from.
    private List<string> HistoryOf(int place)
    {
        List<string> history = [];
        for (int at = place; _before[at] >= 0; at = _before[at])
        {
            int target = at;
            history.Add(model.Next(_states[_before[at]]).First(step => _places[step.State] == target).Words);
        }

        history.Reverse();
        return history;
    }

    private sealed class StateComparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] state)
        {
            HashCode hash = default;
            hash.AddBytes(state);
            return hash.ToHashCode();
        }
    }
}
