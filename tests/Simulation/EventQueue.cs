namespace Redlock.Fast.Simulation;

/// <summary>What will happen, in order: by time, and at the same time in the order in which it was said.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private long _said;

    public void Add(long time, Action action) => _events.Enqueue(action, (time, _said++));

    public bool TryTake(long until, out long time, out Action action)
    {
        if (_events.TryPeek(out action!, out (long Time, long Order) next) && next.Time <= until)
        {
            _events.Dequeue();
            time = next.Time;
            return true;
        }

        time = until;
        return false;
    }
}
