namespace Redlock.Fast.Resp;

/// <summary>Whose turn it is to read a connection: its own thread's, or a caller's that blocks for its reply anyway.</summary>
/// <remarks>
/// A caller that reads for itself saves the wake from one thread to another. It can do so only while the connection's thread is not
/// inside a read; so once a caller has asked in vain, the thread steps aside whenever nothing is in flight, for as long as callers keep
/// coming. A caller that reads several connections is done before the last one has answered: what only it has asked, with time to spare,
/// is left to lie for its next turn. All is guarded by the connection's gate; that a caller wants the turn is looked at without it first,
/// and is no more than a hint there.
/// </remarks>
internal sealed class ReadTurn(Gate gate, RequestQueue queue, TimeProvider time)
{
    // Long enough for a caller in a loop to come back, short enough that the end of an idle connection is soon noticed.
    private static readonly TimeSpan _offer = TimeSpan.FromMilliseconds(20);

    // How long replies lie that nobody waits for: a caller in a loop reads them with its next ones, at no cost to anybody.
    private static readonly TimeSpan _leisure = TimeSpan.FromMilliseconds(2);

    // A thread that wakes late must not let the time run out of a reply that has come.
    private readonly long _ampleTicks = ClockTicks.Of(time, 10 * _leisure);

    private Reader _reader = Reader.Thread;
    private bool _wanted;

    // Whether a caller has asked for the turn since the thread was last called to it.
    private bool _asked;
    private bool _taken;
    private bool _isPressing;
    private bool _leaves;

    // The thread whose own requests cannot be pressing to anybody else: it has the turn, and has not begun to read.
    private int _asker;

    private enum Reader : byte
    {
        Thread = 0,
        Nobody,
        Caller,
        Ended,
    }

    /// <summary>Takes the turn for a caller, which sends what it asks, and then reads for everybody until it gives the turn back.</summary>
    /// <returns>False while somebody else reads, and for ever once the connection is over: its thread has to leave it.</returns>
    public bool TryTake()
    {
        using (gate.Enter())
        {
            _wanted = _asked = true;
            if (_reader != Reader.Nobody)
            {
                return false;
            }

            _reader = Reader.Caller;
            _taken = true;
            _isPressing = false;
            _asker = Environment.CurrentManagedThreadId;
            return true;
        }
    }

    /// <summary>The caller has asked. What is sent on its thread from now on is others' business.</summary>
    public void BeginReading() => _asker = 0;

    /// <summary>What else is in flight is left to the thread.</summary>
    /// <param name="unread">Whether the caller still waits for some of it.</param>
    public void GiveBack(Unread unread)
    {
        using (gate.Enter())
        {
            _asker = 0;
            if (_reader == Reader.Ended)
            {
                return;
            }

            _reader = Reader.Nobody;
            if (queue.Count == 0)
            {
                return;
            }

            // Whoever measures round trips is not to measure how long replies lie.
            if (_isPressing || unread == Unread.Awaited || RespMetrics.AreTimed || HasLittleTime(queue.Line))
            {
                Demand();
            }
            else if (!_leaves)
            {
                // The thread waits for callers, which is longer than anything may lie.
                _leaves = true;
                gate.Pulse();
            }
        }
    }

    /// <summary>Somebody has to read. Called under the gate when a request has been taken.</summary>
    /// <param name="leftTicks">How long its reply may take.</param>
    public void Demand(long leftTicks)
    {
        gate.AssertEntered();
        if (_reader != Reader.Caller)
        {
            Demand();
        }
        else if (_asker != Environment.CurrentManagedThreadId || leftTicks < _ampleTicks)
        {
            _isPressing = true;
        }
    }

    /// <summary>The connection is over: the thread leaves it at once, whoever reads or comes. Called under the gate.</summary>
    public void End()
    {
        gate.AssertEntered();
        _reader = Reader.Ended;
        gate.Pulse();
    }

    /// <summary>
    /// Called by the thread before each read: steps aside if a caller wants the turn, and returns when the thread has to read.
    /// </summary>
    public void AwaitThreads()
    {
        if (!Volatile.Read(ref _wanted))
        {
            return;
        }

        using (gate.Enter())
        {
            if (queue.Count > 0 || _reader == Reader.Ended)
            {
                return;
            }

            _reader = Reader.Nobody;
            while (_reader is Reader.Nobody or Reader.Caller)
            {
                _taken = false;
                if (!gate.Wait(_leaves ? _leisure : _offer) && _reader == Reader.Nobody && (queue.Count > 0 || !_taken))
                {
                    // The wish stays where there is something to read.
                    _reader = Reader.Thread;
                    _wanted = _leaves = queue.Count > 0;
                }
            }
        }
    }

    private bool HasLittleTime(RequestLine line) =>
        line.Count > 0 && line[0].DeadlineTicks - time.GetTimestamp() < _ampleTicks;

    private void Demand()
    {
        if (_reader == Reader.Nobody)
        {
            // Callers that do not come any more must not cost the others a wake with each request.
            _reader = Reader.Thread;
            _wanted = _asked;
            _asked = false;
            gate.Pulse();
        }
    }
}
