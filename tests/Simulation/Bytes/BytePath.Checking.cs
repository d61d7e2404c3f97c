using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

// What must be true of a connection whatever happens to its bytes.
internal sealed partial class BytePath
{
    private static readonly TimeSpan _leastSilence = TimeSpan.FromMilliseconds(250);

    private long _timedOutOn;
    private long _timedOutAt;
    private long _answeredAt;

    public override void Owe(string key, string owner)
    {
        RespConnection connection = Connection;
        if (_acquiredOn.TryGetValue(owner, out long number) && number == connection.Number && number != _refusesReservedOn)
        {
            _owed.Add((key, owner, number));
        }
    }

    /// <summary>Once all that was taken on an unbroken connection has been answered, what was given up must be gone.</summary>
    public override void Look()
    {
        if (_owed.Count == 0 || Client.IsSenderHeldUp)
        {
            return;
        }

        RespConnection connection = Connection;
        bool isOver = connection.End is not null || connection.Number == _refusesReservedOn;
        _owed.RemoveAll(owed => isOver || owed.Connection != connection.Number);
        if (_owed.Count == 0 || connection.Pending > 0)
        {
            return;
        }

        foreach ((string key, string owner, long _) in _owed)
        {
            if (_node.OwnerOf(key) == owner && !_node.HasRefusedToRelease(owner))
            {
                World.Fail(Invariant.NothingLeftBehind, $"{_node.Name} keeps {owner} although {this} has given it up and was answered");
            }
        }

        _owed.Clear();
    }

    /// <summary>
    /// Somebody is told that the node has not answered in time: it is silent if what he asked was sent, or has waited in vain all its time.
    /// </summary>
    public void NoteTimedOut(AwaitedRequest awaited, RequestFailure failure)
    {
        long connection = awaited.Connection;
        bool wasSent = failure == RequestFailure.TimedOut && !awaited.Request.IsReserved;
        bool isSilent = wasSent || awaited.TakenAt > HeardAt(LinkOf(Connection));
        if (isSilent && connection != 0 && (connection != _timedOutOn || HeardAt(LinkOf(Connection)) >= _timedOutAt))
        {
            (_timedOutOn, _timedOutAt) = (connection, World.Now);
        }
    }

    /// <summary>Somebody is told what the node said, which may have been read long before.</summary>
    public void NoteAnswered() => _answeredAt = World.Now;

    public override void CheckSometimes()
    {
        if (Client.IsDisposed || Client.IsHeldUp)
        {
            return;
        }

        CheckDials();
        CheckTold();
        CheckSilence();
    }

    private void CheckDials()
    {
        CheckDials(KeeperOf(_resp), _dials, "");
        if (SubscriberOf(_resp) is { } subscriber)
        {
            CheckDials(KeeperOf(subscriber), _subscriberDials, " (subscriber)");
        }
    }

    private void CheckDials(ConnectionKeeper keeper, DialWatch watch, string which)
    {
        TimeSpan limit = watch.Look(keeper, out long since);
        if (limit != TimeSpan.MaxValue && IsPast(since, limit))
        {
            World.Fail(
                Invariant.NodesAreDialed,
                $"{this}{which} is {keeper.State} for {(World.Now - since) / 1e6:0.000} ms: {keeper.LastError}");
        }

        if (keeper.State == RespNodeState.Connected && LinkOf(keeper.Connection) is { } link && IsPast(link.OverSince, TimeSpan.Zero))
        {
            World.Fail(Invariant.NodesAreDialed, $"{this}{which} does not see that its link is over");
        }
    }

    private void CheckTold()
    {
        _awaited.RemoveAll(awaited => awaited.IsTold);
        foreach (AwaitedRequest awaited in _awaited)
        {
            if (IsPast(Client.Clock.TrueTimeOf(awaited.DeadlineTicks), TimeSpan.Zero))
            {
                World.Fail(Invariant.EverybodyIsToldOnce, $"{this} has told nobody what became of {awaited.Request.Words}");
            }
        }
    }

    private void CheckSilence()
    {
        RespConnection connection = Connection;
        if (_resp.State != RespNodeState.Connected || connection.End is not null || LinkOf(connection) is not { } link)
        {
            return;
        }

        TimeSpan limit = _options.SilenceLimit > _leastSilence ? _options.SilenceLimit : _leastSilence;
        if (connection.Number == _timedOutOn && HeardAt(link) < _timedOutAt && connection.Pending > 0 && IsPast(_timedOutAt, limit))
        {
            World.Fail(
                Invariant.SilenceEnds, $"{this} has heard nothing for {(World.Now - link.LastRead) / 1e6:0.000} ms and goes on");
        }
    }

    // Whoever was held up in the middle of a batch handles the rest of it behind that, also what nobody waits for any more.
    private long HeardAt(ByteLink? link) => Math.Max(Math.Max(_answeredAt, Client.HeldUpUntil), link?.LastRead ?? 0);

    /// <summary>Whether a limit is over that began at a moment of true time, with all that may delay what is to happen then.</summary>
    private bool IsPast(long since, TimeSpan limit)
    {
        long longest = limit.Ticks * TimeSpan.NanosecondsPerTick;
        return since != long.MaxValue
            && World.Now - Math.Max(since, Client.HeldUpUntil) > (longest * (1 + World.Plan.Factor)) + Client.Slack;
    }
}
