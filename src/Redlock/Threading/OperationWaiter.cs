using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Whoever waits for the end of an operation: an awaiter, a blocked thread, or nobody.</summary>
/// <remarks>
/// The party that settles wakes the one waiter, once, and touches nothing afterwards: the operation may then be in use again.
/// </remarks>
internal struct OperationWaiter
{
    private const string AwaitedBefore =
        "This ValueTask of a lock operation was awaited before, and each may be awaited once. To await one several times, take its "
        + "AsTask() first and await that.";

    private const string NotEnded =
        "The lock operation has not ended yet: await its ValueTask, or call the blocking method, in place of asking for its result.";

    private ManualResetEventSlim? _wake;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private int _awaiters;

    public enum Kind : byte
    {
        None = 0,
        Awaiting,
        Blocking,
        Nobody,
    }

    /// <summary>Who waits in this use of the operation.</summary>
    public Kind Who { get; private set; }

    /// <summary>What interrupted the blocked thread, or <c>null</c>.</summary>
    public ThreadInterruptedException? Interruption { get; private set; }

    public readonly short Version => _completion.Version;

    public void Begin(Kind who)
    {
        Who = who;
        if (who == Kind.Blocking)
        {
            _wake ??= new ManualResetEventSlim();
            _wake.Reset();
        }
    }

    /// <summary>How an awaiter sees the operation.</summary>
    /// <param name="token">The version that it awaits.</param>
    /// <param name="ending">What it sees once the operation has ended.</param>
    public readonly ValueTaskSourceStatus GetStatus(short token, ValueTaskSourceStatus ending)
    {
        CheckFirst(token);
        ValueTaskSourceStatus status = _completion.GetStatus(token);

        // Said here already: what is thrown to a second awaiter by OnCompleted ends the process.
        if (status == ValueTaskSourceStatus.Pending && Volatile.Read(in _awaiters) != 0)
        {
            throw new InvalidOperationException(AwaitedBefore);
        }

        return status == ValueTaskSourceStatus.Succeeded ? ending : status;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckFirst(token);

        // A second one would overwrite half of the first one's before it was refused.
        if (Interlocked.Exchange(ref _awaiters, 1) != 0)
        {
            throw new InvalidOperationException(AwaitedBefore);
        }

        _completion.OnCompleted(continuation, state, token, flags);
    }

    /// <summary>Throws if the awaiter asks too early or twice.</summary>
    public readonly void CheckCompleted(short token)
    {
        CheckFirst(token);
        if (_completion.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException(NotEnded);
        }

        _completion.GetResult(token);
    }

    /// <summary>Lets the awaiter go on, here and now.</summary>
    public void Resume() => _completion.SetResult(true);

    /// <summary>Lets the blocked thread go on, though an interrupt is meant for this one: it is there again afterwards.</summary>
    public readonly void Wake()
    {
        try
        {
            _wake!.Set();
        }
        catch (ThreadInterruptedException)
        {
            _wake!.Set();
            Thread.CurrentThread.Interrupt();
        }
    }

    /// <summary>Reads replies on the blocked thread while they may decide the operation.</summary>
    public void Read(IReplyAwaiter operation, ReadTurns turns, long deadlineTicks, CancellationToken cancellationToken)
    {
        try
        {
            turns.ReadFor(operation, deadlineTicks, cancellationToken);
        }
        catch (ThreadInterruptedException interruption)
        {
            Interruption = interruption;
        }
    }

    /// <summary>
    /// Blocks the calling thread until it is woken, or interrupted: that is noted, and to be acted upon before the next wait.
    /// </summary>
    /// <returns>Whether it was woken.</returns>
    public bool TryWait()
    {
        try
        {
            _wake!.Wait(CancellationToken.None);
            return true;
        }
        catch (ThreadInterruptedException interruption)
        {
            Interruption = interruption;
            return false;
        }
    }

    /// <summary>Ready for the next use. The result must have been copied out before.</summary>
    public void Recycle()
    {
        Who = Kind.None;
        Interruption = null;
        _awaiters = 0;
        _completion.Reset();
    }

    private readonly void CheckFirst(short token)
    {
        if (token != _completion.Version)
        {
            throw new InvalidOperationException(AwaitedBefore);
        }
    }
}
