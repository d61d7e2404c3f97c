using System.Collections.Concurrent;
using System.Diagnostics;

namespace Redlock.Fast.Tests;

// Looks, wherever the library calls foreign code, for what flowed in from whoever made it.
internal sealed class ContextWitness
{
    private static readonly AsyncLocal<string?> _flow = new();

    private readonly ConcurrentDictionary<string, string> _seen = new();

    public static string? Flow
    {
        get => _flow.Value;
        set => _flow.Value = value;
    }

    public IReadOnlyDictionary<string, string> Seen => _seen;

    // The first look that saw something stays.
    public void Look(string place)
    {
        string what = $"{_flow.Value ?? "nothing"}, {Activity.Current?.OperationName ?? "no span"}";
        _seen.AddOrUpdate(place, what, (_, before) => before == "nothing, no span" ? what : before);
    }
}
