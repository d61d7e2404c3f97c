namespace Redlock.Fast.Simulation;

/// <summary>
/// The requests of a connection that wait to be handed over: each is sent later in the order of its key, or taken back, or times out
/// unsent.
/// </summary>
internal sealed class SimulatedLane
{
    private readonly List<SimulatedRequest> _waiting = [];
    private readonly List<(string Key, string Owner)> _owed = [];
    private long _lastNumber;

    public int Count => _waiting.Count;

    public long NextNumber() => ++_lastNumber;

    /// <summary>Whether a request must not pass what waits already.</summary>
    public bool Holds(SimulatedRequest request) =>
        request.IsReserved ? _waiting.Exists(other => other.Key == request.Key) : _waiting.Count > 0;

    public void Add(SimulatedRequest request) => _waiting.Add(request);

    /// <summary>Takes out the request with a number, or gives <c>null</c> if it does not wait here.</summary>
    public SimulatedRequest? TryTake(long number)
    {
        SimulatedRequest? found = _waiting.Find(request => request.Number == number);
        if (found is not null)
        {
            _waiting.Remove(found);
        }

        return found;
    }

    /// <summary>Takes out everything up to a request, oldest first; nothing if it waits no more.</summary>
    public List<SimulatedRequest> TakeUpTo(SimulatedRequest request)
    {
        int count = _waiting.IndexOf(request) + 1;
        List<SimulatedRequest> taken = _waiting.GetRange(0, count);
        _waiting.RemoveRange(0, count);
        return taken;
    }

    public List<SimulatedRequest> TakeAll()
    {
        List<SimulatedRequest> taken = [.. _waiting];
        _waiting.Clear();
        _owed.Clear();
        return taken;
    }

    /// <summary>Whether something of an owner still waits; then what is owed is remembered until it does not.</summary>
    public bool Postpones(string key, string owner)
    {
        bool waits = _waiting.Exists(request => request.Owner == owner || request.Predecessor == owner);
        if (waits)
        {
            _owed.Add((key, owner));
        }

        return waits;
    }

    /// <summary>Takes out what is owed by now.</summary>
    public List<(string Key, string Owner)> TakeOwed()
    {
        List<(string Key, string Owner)> due = _owed.FindAll(owed => !_waiting.Exists(request => request.Owner == owed.Owner));
        _owed.RemoveAll(due.Contains);
        return due;
    }
}
