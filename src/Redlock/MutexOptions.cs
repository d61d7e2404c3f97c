using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>How a mutex behaves. Start from a preset and change it with <c>with</c>.</summary>
/// <remarks>Values are checked when the mutex is made, together with the number of nodes.</remarks>
/// <example>
/// <code>
/// MutexOptions options = MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(30), KeyPrefix = "shop:" };
/// RedlockMutex mutex = locks.CreateMutex("stock", options);
/// </code>
/// </example>
public sealed partial record MutexOptions
{
    /// <summary>
    /// Take it where the work has to be done: waits for the lock. 8 s expiry, 32 tries, about 500 ms between them, 1 % drift.
    /// </summary>
    /// <example>
    /// <code>
    /// RedlockMutex patient = locks.CreateMutex("stock", MutexOptions.Blocking with { WaitLimit = TimeSpan.FromSeconds(5) });
    /// </code>
    /// </example>
    public static MutexOptions Blocking { get; } = new();

    /// <summary>Take it where somebody else may do the work: tries once. 8 s expiry, 1 % drift.</summary>
    /// <example>
    /// <code>
    /// using LockResult taken = locks.CreateMutex("stock", MutexOptions.NonBlocking).TryLock();
    /// Console.WriteLine(taken.IsAcquired ? "mine" : $"not mine: {taken.Status}");
    /// </code>
    /// </example>
    public static MutexOptions NonBlocking { get; } = new() { Tries = 1 };

    /// <summary>How long a node keeps the key unless it is released or extended: 1 ms to 24 days, counted in whole milliseconds.</summary>
    public TimeSpan Expiry { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How many attempts a lock makes before it fails, whatever the nodes say: 1 or more.</summary>
    public int Tries { get; init; } = 32;

    /// <summary>The wait between two attempts, zero or more; each wait is random between half of it and one and a half.</summary>
    /// <remarks>
    /// At least 10 ms behind an attempt that failed without waiting for any node, as in an outage: without a wait it would only burn a
    /// processor.
    /// </remarks>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a lock waits in all, in place of counting <see cref="Tries"/>, or <c>null</c> (the default) to count them. Zero is one try;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    public TimeSpan? WaitLimit { get; init; }

    /// <summary>
    /// How often in a row a lock goes straight from its holder to the next caller that waits in the same process, before other processes
    /// get their turn; 16 by default, zero for never.
    /// </summary>
    public int SuccessionLimit { get; init; } = 16;

    /// <summary>
    /// Gives the wait behind attempt number n (1 for the first) in place of <see cref="Delay"/>; called on threads of the library, so it
    /// must be quick.
    /// </summary>
    public Func<int, TimeSpan>? DelayFunction { get; init; }

    /// <summary>The share of the expiry that clocks may drift apart: 0 or more, below 1. Drift is this share plus 2 ms.</summary>
    public double Factor { get; init; } = 0.01;

    /// <summary>
    /// How many nodes must agree, or <c>null</c> for more than half of them. More may be asked for, up to all; fewer are refused.
    /// </summary>
    public int? Quorum { get; init; }

    /// <summary>
    /// How long an attempt waits for one node, or <c>null</c> for a twentieth of the expiry (at least 50 ms, at most 5 s, never more than
    /// half of the validity). Above zero and below the validity.
    /// </summary>
    public TimeSpan? NodeTimeLimit { get; init; }

    /// <summary>Put in front of the name to make the key; empty by default.</summary>
    public string KeyPrefix { get; init; } = string.Empty;

    /// <summary>
    /// Set it where the work may outlast the expiry: keeps every lock of this mutex alive from the moment it is taken until it is released,
    /// or <c>null</c> (the default) for locks that end with their expiry. A token that is dropped without a release is then renewed until
    /// the longest hold time.
    /// </summary>
    /// <example>
    /// <code>
    /// RenewOptions renew = RenewOptions.Every(1.0 / 3, maxHoldTime: TimeSpan.FromMinutes(10));
    /// RedlockMutex longWork = locks.CreateMutex("report", MutexOptions.Blocking with { Renew = renew });
    /// </code>
    /// </example>
    public RenewOptions? Renew { get; init; }

    /// <summary>Where an awaiting caller goes on.</summary>
    public ContinuationMode Continuation { get; init; }

    /// <summary>
    /// What disposing a handle waits for, and <see cref="RedlockMutex.WithLock"/> and <c>WithLockAsync</c> behind their function: the
    /// confirmation of the release by default, or nothing. <see cref="RedlockMutex.Unlock(LockToken, CancellationToken)"/> and
    /// <c>UnlockAsync</c>, which tell how it ended, always wait.
    /// </summary>
    public ReleaseMode Release { get; init; }

    /// <summary>Every option, on one line.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        PrintMembers(text);
        return PrintableText.Of($"{nameof(MutexOptions)} {{ {text} }}");
    }
}
