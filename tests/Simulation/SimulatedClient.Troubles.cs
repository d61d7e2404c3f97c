namespace Redlock.Fast.Simulation;

// What befalls its threads and callers.
internal sealed partial class SimulatedClient
{
    public void PauseFor(long nanoseconds)
    {
        bool process = _random.Chance(0.5);
        IsPaused |= process;
        AreCallersPaused |= !process;
        World.Note(Name, process ? "stands still" : "callers stand still");
        World.At(World.Now + nanoseconds, GoOn);
    }

    public void GoOn()
    {
        HeldUpUntil = World.Now;
        IsPaused = false;
        AreCallersPaused = false;
        while (!IsPaused && _heldUp.TryDequeue(out Action? action))
        {
            action();
            Look();
        }

        while (_heldUpCallers.TryDequeue(out Action? continuation))
        {
            continuation();
            Look();
        }
    }

    /// <summary>A source that will be cancelled at a random moment, or at one of the next frames that go out.</summary>
    public CancellationTokenSource CancelSometime(SeededRandom random)
    {
        CancellationTokenSource source = new();
        void Cancel()
        {
            World.Note(Name, "cancels");
            source.Cancel();
        }

        switch (random.Below(4))
        {
            case 0:
                _cancelDuringSends = source;
                _sendsUntilCancel = 1 + random.Next(2 * _channels.Length);
                break;
            case 1:
                Cancel();
                break;
            default:
                long longest = random.Chance(0.7) ? 4 * World.Plan.Latency : World.Plan.ExpiryNanoseconds;
                Post(World.Now + random.Below(longest), Cancel);
                break;
        }

        return source;
    }

    /// <summary>Called for each frame, before it is taken.</summary>
    public void BeforeSend()
    {
        if (_cancelDuringSends is not null && --_sendsUntilCancel <= 0)
        {
            CancellationTokenSource source = _cancelDuringSends;
            _cancelDuringSends = null;
            World.Note(Name, "cancels in a send");
            source.Cancel();
        }

        if (_isDisposedInSend && !IsDisposed && World.IsOn(Fault.Dispose))
        {
            Dispose();
        }

        HoldUpSometimes();
        if (World.IsOn(Fault.Resets) && _random.Chance(0.005))
        {
            _channels[_random.Next(_channels.Length)].Lose();
        }
    }

    /// <summary>Called wherever a thread of the library can be interrupted: now and then it does not go on for a while.</summary>
    public void HoldUpSometimes()
    {
        if (World.IsOn(Fault.Pauses) && _random.Chance(0.01))
        {
            World.Note(Name, "is held up in a send");
            _threadsHeldUp++;
            World.PassTime(_random.Below(_random.Chance(0.5) ? 4 * World.Plan.Latency : World.Plan.ExpiryNanoseconds));
            _threadsHeldUp--;
            HeldUpUntil = World.Now;
        }
    }

    /// <summary>Has it disposed by another thread while it sends the next frame.</summary>
    public void DisposeInSend() => _isDisposedInSend = true;
}
