namespace Redlock.Fast.Simulation;

/// <summary>
/// One connection of a link: frames arrive in the order in which they were taken, and replies in the order of the frames.
/// </summary>
internal sealed class SimulatedConnection(SimulatedChannel channel, string client, long number, long readyAt)
{
    private const int StillToBeTaken = int.MaxValue;

    private readonly Queue<SimulatedRequest> _waiting = [];
    private readonly List<(string Key, string Owner, int Position)> _owed = [];
    private long _lastArrival;
    private long _lastReply;
    private int _executed;
    private int _repeatsOwed;

    public string Client => client;

    public long Number => number;

    /// <summary>When its handshake is done.</summary>
    public long ReadyAt => readyAt;

    public bool IsEnded { get; private set; }

    /// <summary>Nothing is carried any more, and nobody knows.</summary>
    public bool IsMute { get; set; }

    /// <summary>A request has timed out and nothing has come since.</summary>
    public bool IsSilent { get; set; }

    /// <summary>A frame that should have undone something found no room.</summary>
    public bool HasRefusedReserved { get; set; }

    /// <summary>How old the server was when it was asked; <c>null</c> before that.</summary>
    public ServerAge? Age { get; set; }

    /// <summary>Whether the client knows it.</summary>
    public bool IsIntroduced { get; set; }

    public SimulatedLane Lane { get; } = new();

    public int Waiting => _waiting.Count + Lane.Count;

    public int Taken { get; private set; }

    public void Take(SimulatedRequest request)
    {
        Taken++;
        _waiting.Enqueue(request);
        channel.Transmit(this, request, ref _lastArrival);
    }

    /// <summary>The node has executed a frame.</summary>
    public void Executed(SimulatedRequest request, string reply)
    {
        _executed++;
        bool forgotten = reply.StartsWith("-NOSCRIPT", StringComparison.Ordinal);
        _repeatsOwed += forgotten ? 1 : request.Arguments[0] == "EVAL" ? -1 : 0;
        if (!IsEnded)
        {
            channel.TransmitReply(this, request, reply, ref _lastReply);
        }

        CheckOwed();
    }

    /// <summary>A frame that the node did not execute is not sent again; what is sent in its place has been taken.</summary>
    public void ForgoRepeat()
    {
        _repeatsOwed--;

        // What was owed is left to a release that has gone out meanwhile, unless whoever sends it is held up.
        for (int place = _owed.Count - 1; place >= 0; place--)
        {
            Place(place);
        }

        CheckOwed();
    }

    /// <summary>The reply to the oldest waiting frame is here.</summary>
    public void TakeAnswered(SimulatedRequest request)
    {
        if (_waiting.Dequeue() != request)
        {
            throw new InvalidOperationException("The simulated link has lost its order.");
        }

        request.IsAnswered = true;
        IsSilent = false;
    }

    /// <summary>From now on, once all that was taken so far is executed, the key must not be this owner's on the node.</summary>
    public void Owe(string key, string owner)
    {
        if (!IsEnded && !HasRefusedReserved && !Lane.Postpones(key, owner))
        {
            _owed.Add((key, owner, Taken));
            CheckOwed();
        }
    }

    /// <summary>The same once what is in the middle of being sent has been taken.</summary>
    public void OweLater(string key, string owner)
    {
        if (!IsEnded && !HasRefusedReserved)
        {
            _owed.Add((key, owner, StillToBeTaken));
            CheckOwed();
        }
    }

    /// <summary>Breaks. A first part of what was under way still arrives; who waits for the rest must be told.</summary>
    public List<SimulatedRequest> End(SeededRandom random)
    {
        IsEnded = true;
        _owed.Clear();
        bool isLost = IsMute;
        foreach (SimulatedRequest request in _waiting)
        {
            isLost |= random.Chance(0.4);
            request.IsLost |= isLost;
        }

        return [.. _waiting];
    }

    /// <summary>Behind what was taken so far; what waits in the lane is owed once it is out.</summary>
    /// <returns>False if it is the lane that owes it now.</returns>
    private bool Place(int place)
    {
        (string key, string owner, int _) = _owed[place];
        if (!channel.IsSenderHeldUp && Lane.Postpones(key, owner))
        {
            _owed.RemoveAt(place);
            return false;
        }

        _owed[place] = (key, owner, channel.IsSenderHeldUp ? StillToBeTaken : Taken);
        return true;
    }

    private void CheckOwed()
    {
        if (_repeatsOwed > 0)
        {
            return;
        }

        for (int place = _owed.Count - 1; place >= 0; place--)
        {
            if (_owed[place].Position == StillToBeTaken && !Place(place))
            {
                continue;
            }

            (string key, string owner, int position) = _owed[place];
            if (_executed >= position)
            {
                _owed.RemoveAt(place);
                channel.CheckGone(key, owner);
            }
        }
    }
}
