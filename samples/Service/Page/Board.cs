using System.Diagnostics;

namespace Redlock.Fast.Service;

/// <summary>Who waits for which name and who holds it, now and a while ago, in this instance.</summary>
internal sealed class Board
{
    /// <summary>How far back it remembers.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(45);

    // A page that shows more would show nothing.
    private const int MostTurns = 200;
    private const int LongestName = 20;

    private readonly Lock _gate = new();
    private readonly List<TurnView> _turns = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _version;
    private int _last;

    /// <summary>Grows with every change.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Milliseconds since the start, which all times on the board are.</summary>
    public double Now => Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Somebody wants a name.</summary>
    public Turn Begin(string name, string? by)
    {
        lock (_gate)
        {
            double now = Now;
            _turns.RemoveAll(turn => turn.Ended < now - Memory.TotalMilliseconds);
            if (_turns.Count >= MostTurns)
            {
                _turns.RemoveAt(0);
            }

            TurnView view = new(++_last, name, by is { Length: > 0 and <= LongestName } ? by : $"#{_last}", now, null, null, TurnEnd.None);
            _turns.Add(view);
            _version++;
            return new Turn(this, view.Id);
        }
    }

    public IReadOnlyList<TurnView> Turns()
    {
        lock (_gate)
        {
            return [.. _turns];
        }
    }

    public void Change(int id, Func<TurnView, TurnView> change)
    {
        lock (_gate)
        {
            int index = _turns.FindIndex(turn => turn.Id == id);
            if (index >= 0)
            {
                _turns[index] = change(_turns[index]);
                _version++;
            }
        }
    }
}
