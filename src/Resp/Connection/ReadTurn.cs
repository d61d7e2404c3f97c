namespace Redlock.Fast.Resp;

/// <summary>Whose turn it is to read a connection: its own thread's, or a caller's that blocks for its reply anyway.</summary>
/// <remarks>
/// A caller that reads for itself saves the wake from one thread to another. It can do so only while the connection's thread is not
/// inside a read; so once a caller has asked in vain, the thread steps aside whenever nothing is in flight, for as long as callers keep
/// coming. All is guarded by the connection's gate; that a caller wants the turn is looked at without it first, and is no more than a hint
/// there.
/// </remarks>
internal sealed class ReadTurn(Gate gate, RequestQueue queue)
{
    // Long enough for a caller in a loop to come back, short enough that the end of an idle connection is soon noticed.
    private static readonly TimeSpan _offer = TimeSpan.FromMilliseconds(20);

    private Reader _reader = Reader.Thread;
    private bool _wanted;
    private bool _taken;

    private enum Reader : byte
    {
        Thread = 0,
        Nobody,
        Caller,
        Ended,
    }

    /// <summary>Takes the turn for a caller, which then reads for everybody until it gives the turn back.</summary>
    /// <returns>False while somebody else reads, and for ever once the connection is over: its thread has to leave it.</returns>
    public bool TryTake()
    {
        using (gate.Enter())
        {
            _wanted = true;
            if (_reader != Reader.Nobody)
            {
                return false;
            }

            _reader = Reader.Caller;
            _taken = true;
            return true;
        }
    }

    /// <summary>The caller has its reply; what else is in flight is left to the thread.</summary>
    public void GiveBack()
    {
        using (gate.Enter())
        {
            if (_reader == Reader.Ended)
            {
                return;
            }

            _reader = Reader.Nobody;
            if (queue.Count > 0)
            {
                Demand();
            }
        }
    }

    /// <summary>Somebody has to read. Called under the gate when a request has been taken.</summary>
    public void Demand()
    {
        gate.AssertEntered();
        if (_reader == Reader.Nobody)
        {
            _reader = Reader.Thread;
            gate.Pulse();
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
                if (!gate.Wait(_offer) && _reader == Reader.Nobody && !_taken)
                {
                    _reader = Reader.Thread;
                    _wanted = false;
                }
            }
        }
    }
}
