namespace Redlock.Fast;

public sealed partial record MutexOptions
{
    /// <summary>
    /// Set it where an overlap would corrupt data: whether each acquisition gets a <see cref="LockToken.FencingToken"/>: a number larger
    /// than that of every earlier holder of the name, by which a resource refuses whoever was paused beyond his deadline. False by default:
    /// a fenced acquisition is a script in place of a SET, and each name that was locked so keeps a counter on every node for
    /// <see cref="FenceLife"/>.
    /// </summary>
    /// <remarks>
    /// Numbers grow among the fenced mutexes of a name; all mutexes of that name, in all processes, should be fenced. They grow as long as
    /// a majority of the nodes keeps its data; beyond that they rest on the clients' wall clocks.
    /// </remarks>
    /// <example>
    /// <code>
    /// RedlockMutex mutex = locks.CreateMutex("account:4711", MutexOptions.Blocking with { Fenced = true });
    /// await using LockHandle held = await mutex.LockAsync();
    /// await WriteIfNotOlderAsync(held.FencingToken);
    /// </code>
    /// </example>
    public bool Fenced { get; init; }

    /// <summary>
    /// How long the counter of a name outlives the expiry of the lock that used it last: a day by default; 1 minute to 365 days, and longer
    /// than the wall clocks of the clients may lie apart.
    /// </summary>
    public TimeSpan FenceLife { get; init; } = TimeSpan.FromDays(1);
}
