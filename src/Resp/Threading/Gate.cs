using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>
/// A lock that no <see cref="Thread.Interrupt"/> breaks into: a caller's thread does everybody's work for a moment, and half of it done is
/// done for nobody.
/// </summary>
/// <remarks>An interrupt that comes meanwhile is there again afterwards, for the wait that it was meant for.</remarks>
internal sealed class Gate
{
    /// <summary>Whether this very thread is in.</summary>
    public bool IsEntered => Monitor.IsEntered(this);

    /// <summary>Waits for the gate, and holds it until the scope is disposed.</summary>
    public Scope Enter()
    {
        if (!Monitor.TryEnter(this))
        {
            EnterContended();
        }

        return new Scope(this);
    }

    /// <returns>Whether nobody was in; the scope is to be disposed only then.</returns>
    public bool TryEnter(out Scope scope)
    {
        scope = new Scope(this);
        return Monitor.TryEnter(this);
    }

    /// <summary>
    /// Leaves the gate, waits for a <see cref="Pulse"/>, and is in again. For threads of the library's own, which nobody interrupts.
    /// </summary>
    /// <returns>False if the time has passed.</returns>
    public bool Wait(TimeSpan timeLimit) => Monitor.Wait(this, timeLimit);

    /// <summary>Wakes the thread that waits.</summary>
    public void Pulse() => Monitor.Pulse(this);

    [Conditional("DEBUG")]
    public void AssertEntered() => Debug.Assert(IsEntered, "called by whoever holds the gate");

    private void EnterContended()
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                Monitor.Enter(this);
                break;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }

        if (wasInterrupted)
        {
            Thread.CurrentThread.Interrupt();
        }
    }

    /// <summary>The time in the gate.</summary>
    internal readonly ref struct Scope(Gate gate)
    {
        /// <summary>Leaves it.</summary>
        public void Dispose() => Monitor.Exit(gate);
    }
}
