using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Locks that work inside this process, without a server and without a socket: for unit tests of code that needs a lock.</summary>
/// <remarks>
/// They are the library's own mutexes over one node that is an object, so contention, retries, expiry, extension, tokens, cancellation,
/// handles and exceptions are the real ones. Mutexes of one name from one <see cref="InProcessLocks"/> exclude each other; those of
/// another one know nothing of them. With a <see cref="ManualTimeProvider"/> locks expire, and retries come, when it is advanced.
/// Thread-safe.
/// </remarks>
/// <example>
/// <code>
/// await using InProcessLocks locks = new();
/// await using LockHandle elsewhere = await locks.CreateMutex("stock").LockAsync();
/// LockResult taken = await locks.CreateMutex("stock", MutexOptions.NonBlocking).TryLockAsync();   // contended
/// </code>
/// </example>
public sealed class InProcessLocks : IDisposable, IAsyncDisposable
{
    private readonly InProcessChannel _channel;

    /// <summary>Makes a space of locks in which every name is free.</summary>
    /// <param name="timeProvider">The clock of expiries, deadlines and retries; real time if null.</param>
    public InProcessLocks(TimeProvider? timeProvider = null)
    {
        _channel = new InProcessChannel(timeProvider ?? MonotonicTime.Shared);
        Factory = new RedlockFactory(_channel);
    }

    /// <summary>For code that makes its mutexes itself.</summary>
    public RedlockFactory Factory { get; }

    /// <summary>Makes a mutex for a name; hand it over as an <see cref="ILocker"/> or as it is.</summary>
    /// <param name="name">What is locked.</param>
    /// <param name="options">How it behaves; <see cref="MutexOptions.Blocking"/> if null.</param>
    /// <exception cref="ArgumentException">The name or an option is out of bounds; the message names the bound.</exception>
    public RedlockMutex CreateMutex(string name, MutexOptions? options = null) => Factory.CreateMutex(name, options);

    /// <summary>Takes every lock from its holder, who learns it from the next extension or release.</summary>
    public void LoseAllData() => _channel.LoseAllData();

    /// <summary>
    /// Begins an outage: what is asked from now on ends as unavailable (a release: as unknown). Locks stay until they expire.
    /// </summary>
    public void Stop() => _channel.Stop();

    /// <summary>Ends an outage.</summary>
    public void Start() => _channel.Start();

    /// <summary>Ends what is pending as unavailable.</summary>
    public void Dispose() => Factory.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => Factory.DisposeAsync();
}
