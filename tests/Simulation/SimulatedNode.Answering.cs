using System.Globalization;

namespace Redlock.Fast.Simulation;

// What it does with a command, and what it says to it.
internal sealed partial class SimulatedNode
{
    private string Answer(SimulatedRequest request)
    {
        if (world.IsOn(Fault.Errors) && random.Chance(0.03))
        {
            NoteRefusedRelease(request);

            // It may also do what was asked and answer nonsense.
            if (random.Chance(0.3))
            {
                Act(request);
                return "+PONG\r\n";
            }

            return random.Pick<string>(_errors);
        }

        if (request.IsSubstitute)
        {
            // It compares with what is there alone.
            return request.Predecessor is { } predecessor && OwnerOf(request.Key) != predecessor ? ":-1\r\n" : Act(request);
        }

        if (world.Plan.GoesThroughBytes ? !ScriptsKnown.Knows(request.Arguments) : request.Arguments[0] == "EVALSHA" && !_knowsScripts)
        {
            return "-NOSCRIPT No matching script. Please use EVAL.\r\n";
        }

        _knowsScripts |= request.Arguments[0] == "EVAL";
        return Act(request);
    }

    private string Act(SimulatedRequest request)
    {
        Entry? entry = Find(request.Key);
        if (request.IsAcquire)
        {
            bool isBlind = request.Predecessor is not null && world.Plan.Has(Fault.BlindSuccession);
            if (entry is not null && entry.Owner != request.Predecessor && !isBlind)
            {
                return request.IsTake ? Mark(request, entry) : "$-1\r\n";
            }

            _keys[request.Key] = new Entry { Owner = request.Owner, ExpiresAt = Now + Parse(request.Expiry) };
            world.Waiting.NoteTaken(this, request.Key);
            string number = request.IsFencedTake ? $" {_counters.Count(request, Now)}" : "";
            return entry is null ? $"+OK{number}\r\n" : $"+SUCCEEDED{number}\r\n";
        }

        // The extensions of those who hold it are another matter.
        if (request.IsRaise && world.Plan.Has(Fault.BlindRaise) && !world.Ledger.IsSettled(request.Owner))
        {
            _counters.Raise(request, Now);
            return ":1\r\n";
        }

        if (entry is null)
        {
            return ":0\r\n";
        }

        if (entry.Owner != request.Owner)
        {
            return ":-1\r\n";
        }

        if (request.IsRelease)
        {
            Remove(request.Key);
            if (request.Mark is null)
            {
                world.Waiting.NoteWithdrawn(this, request.Key);
                if (world.Plan.Has(Fault.WithdrawnMarks))
                {
                    _keys.Remove($"{{{request.Key}}}:waiting");
                }
            }
            if (request.Mark is { } mark && Find(mark) is not null)
            {
                _keys.Remove(mark);
                world.Waiting.NotePublished(this, request.Key);
                return Publish(mark) ? ":2\r\n" : ":3\r\n";
            }
        }
        else
        {
            // A command that stands in for the script sets what it is told.
            long expiresAt = Now + Parse(request.Expiry);
            entry.ExpiresAt = request.IsSubstitute ? expiresAt : Math.Max(entry.ExpiresAt, expiresAt);
            if (request.IsRaise)
            {
                _counters.Raise(request, Now);
            }
        }

        return ":1\r\n";
    }

    private void Remove(string key)
    {
        _keys.Remove(key);
        _removedAt[key] = world.Now;
        world.Waiting.NoteFreed(key);
    }

    /// <summary>Tells how many listen to all of them; false if the node does not publish.</summary>
    private bool Publish(string channel)
    {
        if (_refusesToPublish)
        {
            return false;
        }

        List<(string Channel, INodeListener Listener)> told = _subscribers.FindAll(known => known.Channel == channel);
        string payload = told.Count.ToString(CultureInfo.InvariantCulture);
        foreach ((_, INodeListener listener) in told)
        {
            if (!world.IsOn(Fault.LostWakes) || !random.Chance(0.3))
            {
                listener.Say(channel, payload);
            }
        }

        return true;
    }

    private string Mark(SimulatedRequest request, Entry entry)
    {
        long left = entry.ExpiresAt - Now;
        if (request.Mark is { } mark)
        {
            _keys[mark] = new Entry { Owner = "", ExpiresAt = Now + Math.Max(left, 1) };
        }

        return string.Create(CultureInfo.InvariantCulture, $":{left}\r\n");
    }
}
