namespace Redlock.Fast.Simulation;

/// <summary>The requests of one client to one node, in the order in which they were taken, and what the node said to each.</summary>
internal sealed class FrameBook(World world)
{
    private readonly Dictionary<string, List<string>> _taken = [];
    private readonly Dictionary<string, AwaitedRequest> _awaited = [];
    private readonly HashSet<(string Words, string Reply)> _said = [];

    /// <summary>A request is about to be taken.</summary>
    public void NoteTaken(SimulatedRequest request)
    {
        if (!_taken.TryGetValue(request.Key, out List<string>? frames))
        {
            _taken.Add(request.Key, frames = []);
        }

        frames.Add(request.Words);
        if (request.IsHeal)
        {
            // Right behind an extension it has the words of the attempt, which may not have been sent.
            _awaited.Remove(request.Words);
        }
    }

    /// <summary>Somebody waits for a request that gives the key to a new owner: it is made once.</summary>
    public void NoteAwaited(SimulatedRequest request, AwaitedRequest awaited) => _awaited[request.Words] = awaited;

    /// <summary>The node answers a request.</summary>
    public void NoteSaid(SimulatedRequest request, string reply) => _said.Add((request.Words, reply));

    public bool WasSaid(SimulatedRequest request, string reply) => _said.Contains((request.Words, reply));

    /// <summary>The place behind a request among those about its key; negative if it does not stand there from a place on.</summary>
    public int PlaceBehind(SimulatedRequest request, int from) =>
        _taken.TryGetValue(request.Key, out List<string>? frames) ? frames.IndexOf(request.Words, from) + 1 : 0;

    /// <summary>A request is given to the transport.</summary>
    public void CheckMayBeSent(SimulatedRequest request, string link)
    {
        if (_awaited.TryGetValue(request.Words, out AwaitedRequest? awaited) && awaited.IsToldUnsent)
        {
            world.Fail(Invariant.UnsentIsUnsent, $"{link}: {request.Words} goes out, which was told not to have been sent");
        }
    }
}
