using System.Globalization;

namespace Redlock.Fast.Simulation;

/// <summary>One Redis: keys with an expiry on its own clock, the two scripts, and its bad days.</summary>
internal sealed class SimulatedNode(World world, int index, SkewedClock clock, SeededRandom random)
{
    private const long Millisecond = 1_000_000;
    private static readonly string[] _errors =
    [
        "-LOADING Redis is loading the dataset in memory\r\n", "-BUSY Redis is busy running a script\r\n",
        "-OOM command not allowed when used memory > 'maxmemory'\r\n", "-MISCONF can't persist\r\n", "-READONLY You can't write\r\n",
    ];

    private readonly Dictionary<string, Entry> _keys = [];
    private readonly Queue<(SimulatedConnection Connection, SimulatedRequest Request)> _inbox = [];
    private readonly HashSet<string> _refusedReleases = [];
    private bool _knowsScripts = true;
    private bool _isStalled;

    public string Name { get; } = $"node{index}";

    /// <summary>Whether it can be reached.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>The owner of a key now, or null.</summary>
    public string? OwnerOf(string key) => Find(key)?.Owner;

    /// <summary>When a key stops being this owner's, in true time; zero if it is not his.</summary>
    public long HeldUntil(string key, string owner) =>
        Find(key) is { } entry && entry.Owner == owner ? clock.TrueTimeOf((entry.ExpiresAt + 1) * Millisecond) : 0;

    /// <summary>Whether a release of this owner was answered with an error, so that his key may stay until it expires.</summary>
    public bool HasRefusedToRelease(string owner) => _refusedReleases.Contains(owner);

    /// <summary>A frame has arrived.</summary>
    public void Receive(SimulatedConnection connection, SimulatedRequest request)
    {
        if (_isStalled || _inbox.Count > 0)
        {
            _inbox.Enqueue((connection, request));
        }
        else
        {
            Execute(connection, request);
        }
    }

    public void Stall(long nanoseconds)
    {
        if (!_isStalled && IsUp)
        {
            _isStalled = true;
            world.Note(Name, "stalls", "");
            world.At(world.Now + nanoseconds, Resume);
        }
    }

    public void Resume()
    {
        if (_isStalled)
        {
            _isStalled = false;
            world.Note(Name, "goes on", "");
            while (_inbox.TryDequeue(out (SimulatedConnection Connection, SimulatedRequest Request) next))
            {
                Execute(next.Connection, next.Request);
            }
        }
    }

    public void FlushScripts()
    {
        _knowsScripts = false;
        world.Note(Name, "forgets its scripts", "");
    }

    /// <summary>A connection's handshake.</summary>
    public void LoadScripts() => _knowsScripts = true;

    public void StepClock(long nanoseconds)
    {
        clock.StepForward(nanoseconds);
        world.Note(Name, "clock leaps", "");
    }

    /// <summary>Goes down, and comes back without its keys.</summary>
    public void Restart(long downNanoseconds)
    {
        IsUp = false;
        _inbox.Clear();
        world.Note(Name, "goes down", "");
        world.At(world.Now + downNanoseconds, () =>
        {
            _keys.Clear();
            _isStalled = false;
            IsUp = true;
            world.Note(Name, "is back without keys", "");
        });
    }

    private void Execute(SimulatedConnection connection, SimulatedRequest request)
    {
        if (request.IsLost || !IsUp)
        {
            return;
        }

        string? before = OwnerOf(request.Key);
        string reply = Answer(request);
        request.IsExecuted = true;
        world.Note(Name, request.Verb, $"{request.Owner} of {connection.Client}#{connection.Number}: {reply.TrimEnd()}");
        connection.Executed(request, reply);
        if (before is not null && reply == ":1\r\n")
        {
            world.Ledger.CheckBacking(request.Key);
        }
    }

    private string Answer(SimulatedRequest request)
    {
        if (world.IsOn(Fault.Errors) && random.Chance(0.03))
        {
            if (request.IsRelease)
            {
                _refusedReleases.Add(request.Owner);
            }

            // It may also do what was asked and answer nonsense.
            if (random.Chance(0.3))
            {
                Act(request);
                return "+PONG\r\n";
            }

            return random.Pick<string>(_errors);
        }

        if (request.Arguments[0] == "EVALSHA" && !_knowsScripts)
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
            if (entry is not null)
            {
                return "$-1\r\n";
            }

            _keys[request.Key] = new Entry { Owner = request.Owner, ExpiresAt = Now + Parse(request.Arguments[5]) };
            return "+OK\r\n";
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
            _keys.Remove(request.Key);
        }
        else
        {
            entry.ExpiresAt = Math.Max(entry.ExpiresAt, Now + Parse(request.Arguments[5]));
        }

        return ":1\r\n";
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private long Now => clock.Read(world.Now) / Millisecond;

    private Entry? Find(string key) => _keys.TryGetValue(key, out Entry? entry) && entry.ExpiresAt >= Now ? entry : null;

    private sealed class Entry
    {
        public required string Owner { get; init; }

        public long ExpiresAt { get; set; }
    }
}
