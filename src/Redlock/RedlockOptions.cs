using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>How a factory connects the nodes that it makes itself.</summary>
public sealed record RedlockOptions
{
    /// <summary>Credentials, limits and clock of each connection; credentials in an endpoint come first.</summary>
    public RespNodeOptions Node { get; init; } = new();

    /// <summary>
    /// How mutexes behave that <see cref="RedlockFactory.CreateMutex"/> is given no options for; <see cref="MutexOptions.Blocking"/> by
    /// default.
    /// </summary>
    public MutexOptions Defaults { get; init; } = MutexOptions.Blocking;

    /// <summary>
    /// How long a server must have been up before its node gives locks: one that restarted without its data may have forgotten a lock that
    /// is still held. The longest expiry of all who lock on these nodes is right; zero, the default, believes every server at once.
    /// Extensions and releases are not concerned. Behind a start of all servers at once nothing can be locked for so long.
    /// </summary>
    /// <remarks>A server tells its age to INFO; one that may not be asked is believed.</remarks>
    public TimeSpan RestartQuarantine { get; init => field = Doubts.Checked(value); }

    /// <summary>
    /// How long <see cref="RedlockFactory.DisposeAsync"/> waits, by the system's clock, until every node has answered what it was asked,
    /// releases above all; zero, the default, does not wait. <see cref="RedlockFactory.Dispose"/> waits for the releases of locks that are
    /// still kept. Releases that were posted are waited for by either, as long as their mutexes' <see cref="MutexOptions.NodeTimeLimit"/>.
    /// </summary>
    public TimeSpan StopTimeLimit { get; init; }

    /// <summary>
    /// Whether whoever waits is woken by the release itself, over the publish/subscribe of the nodes, which needs rights to the key and
    /// channel <c>{name}:waiting</c>; true by default. Without it, or where a node refuses it, waiters ask from time to time:
    /// <see cref="MutexOptions.Delay"/>.
    /// </summary>
    public bool Wakes { get; init; } = true;

    /// <summary>What becomes of locks that are renewed or watched to the end; they are released by default.</summary>
    public KeptAtStop KeptAtStop { get; init; }

    /// <summary>Who is told of each lock that is tried and released; nobody, the default, if <c>null</c>.</summary>
    public LockObserver? Observer { get; init; }
}
