using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// Begin here: <see cref="Create(IEnumerable{string})"/> once, for the life of the process. Makes mutexes over a fixed set of independent
/// Redis nodes.
/// </summary>
/// <remarks>
/// An odd number of nodes is best: 3 survive the loss of one, 5 of two. The nodes must not replicate from each other.
/// What is pending when it is disposed ends soon: see <see cref="Dispose"/>.
/// </remarks>
/// <example>
/// <code>
/// await using RedlockFactory locks = RedlockFactory.Create("redis-1:6379", "redis-2:6379", "redis-3:6379");
/// RedlockMutex mutex = locks.CreateMutex("invoice:4711");
/// await using LockHandle held = await mutex.LockAsync();
/// </code>
/// </example>
public sealed partial class RedlockFactory : IDisposable, IAsyncDisposable
{
    /// <summary>The most nodes: a vote is a bit, and more nodes would only cost latency.</summary>
    public const int MaxNodes = QuorumSize.MostNodes;

    private readonly FactoryCore _core;
    private readonly RespNode[] _owned;
    private readonly RedlockOptions _options;

    /// <summary>
    /// Works over channels that somebody else made, and disposes later: <see cref="RespNode"/>s over any <see cref="Dialer"/>.
    /// </summary>
    /// <param name="nodes">1 to 31 channels with different names and one clock.</param>
    public RedlockFactory(params IEnumerable<RespChannel> nodes)
        : this(nodes, [], new OwnerIdSource(), Random.Shared)
    {
    }

    internal RedlockFactory(
        IEnumerable<RespChannel> nodes,
        RespNode[] owned,
        OwnerIdSource ownerIds,
        Random jitter,
        Action<IThreadPoolWorkItem>? queue = null,
        RedlockOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        RespChannel[] channels = new List<RespChannel>(nodes).ToArray();
        CheckNodes(channels);
        _owned = owned;
        _options = options ?? new RedlockOptions();
        _core = new FactoryCore(channels, ownerIds, jitter, queue, _options);
        _core.Events.Factory = this;
        foreach (RespChannel channel in channels)
        {
            channel.Prepare(RedlockScripts.Release);
            channel.Prepare(RedlockScripts.Extend);
            channel.Prepare(RedlockScripts.Take);
        }
    }

    /// <summary>The nodes, in the order in which they were given.</summary>
    public IReadOnlyList<RespChannel> Nodes => _core.Channels;

    /// <summary>What is known now of the server behind each node, in the order of <see cref="Nodes"/>.</summary>
    public IReadOnlyList<NodeBelief> Beliefs => _core.Doubts.Told();

    internal bool IsDisposed => _core.IsDisposed;

    /// <inheritdoc cref="Lines.Waiters"/>
    internal int Waiters => _core.Lines.Waiters;

    /// <inheritdoc cref="PostedReleases.ArePending"/>
    internal bool ArePostedPending => _core.Posted.ArePending;

    /// <summary>
    /// Call it once, at the start of the process, with the nodes as text, such as <c>host:6379</c>, <c>unix:/run/redis.sock</c> or
    /// <c>rediss://user:password@host</c>.
    /// </summary>
    /// <param name="endpoints">1 to 31 different endpoints, in any form that <see cref="RedisEndpoint"/> parses.</param>
    /// <returns>A factory that can be used at once: the first attempts wait for the connections, within their time limit.</returns>
    /// <exception cref="FormatException">A text is not an endpoint; the message names the part that is wrong.</exception>
    /// <example>
    /// <code>
    /// using RedlockFactory one = RedlockFactory.Create("localhost:6379");
    /// using RedlockFactory three = RedlockFactory.Create("redis-1:6379", "unix:/run/redis.sock", "rediss://locks:secret@redis-3:6380");
    /// </code>
    /// </example>
    public static RedlockFactory Create(params IEnumerable<string> endpoints) => Create(new RedlockOptions(), endpoints);

    /// <inheritdoc cref="Create(IEnumerable{string})"/>
    /// <param name="options">How the nodes are connected.</param>
    /// <param name="endpoints">1 to 31 different endpoints, in any form that <see cref="RedisEndpoint"/> parses.</param>
    /// <example>
    /// <code>
    /// RedlockOptions options = new() { Node = new() { User = "locks", Password = password }, StopTimeLimit = TimeSpan.FromSeconds(1) };
    /// using RedlockFactory locks = RedlockFactory.Create(options, "redis-1:6379", "redis-2:6379", "redis-3:6379");
    /// </code>
    /// </example>
    public static RedlockFactory Create(RedlockOptions options, params IEnumerable<string> endpoints)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(endpoints);
        List<RedisEndpoint> parsed = [];
        foreach (string endpoint in endpoints)
        {
            RedisEndpoint next = RedisEndpoint.Parse(endpoint);
            if (parsed.Contains(next))
            {
                throw new ArgumentException($"The node {next} is given twice: one node has one vote.", nameof(endpoints));
            }

            parsed.Add(next);
        }

        QuorumSize.Check(parsed.Count, nameof(endpoints));
        List<RespScript> scripts = [.. options.Node.Scripts, RedlockScripts.Release, RedlockScripts.Extend, RedlockScripts.Take];
        RespNodeOptions nodeOptions = options.Node with { Scripts = scripts, AsksForServer = true };
        RespNode[] nodes = new RespNode[parsed.Count];
        try
        {
            for (int node = 0; node < nodes.Length; node++)
            {
                nodes[node] = RespNode.Connect(parsed[node], nodeOptions);
            }

            return new RedlockFactory(nodes, nodes, new OwnerIdSource(), Random.Shared, queue: null, options);
        }
        catch
        {
            foreach (RespNode? node in nodes)
            {
                node?.Dispose();
            }

            throw;
        }
    }

    /// <summary>The smallest number of nodes of which any two sets share a node: more than half.</summary>
    /// <param name="nodes">1 to 31.</param>
    public static int Quorum(int nodes)
    {
        QuorumSize.Check(nodes, nameof(nodes));
        return QuorumSize.Of(nodes);
    }

    /// <summary>
    /// Call it once a name, and keep what it gives: a mutex. Two mutexes of one name, here or elsewhere, exclude each other.
    /// </summary>
    /// <param name="name">
    /// The key without its prefix. Any characters, if they are valid UTF-16 and take at most 64 KiB as UTF-8 with the prefix; empty only
    /// behind a prefix.
    /// </param>
    /// <param name="options">How it behaves; as <see cref="RedlockOptions.Defaults"/> say if <c>null</c>.</param>
    /// <exception cref="ArgumentException">The name or an option is out of bounds; the message names the bound.</exception>
    /// <example>
    /// <code>
    /// RedlockMutex waits = locks.CreateMutex("report");
    /// RedlockMutex triesOnce = locks.CreateMutex("report", MutexOptions.NonBlocking);
    /// </code>
    /// </example>
    public RedlockMutex CreateMutex(string name, MutexOptions? options = null)
    {
        _core.ThrowIfDisposed();
        return new RedlockMutex(_core, name, options ?? _options.Defaults);
    }

    /// <summary>
    /// Call it at a start that wants to know: waits until more than half of the nodes are connected. Locks work without it.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RespRequestException">
    /// <see cref="RequestFailure.Misconfigured"/>: so many nodes refuse to be connected, for reasons that only a person can mend, that no
    /// quorum is left; the text has the reasons. The nodes go on dialing, and can be waited for again.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    /// <example>
    /// <code>
    /// using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    /// patience.CancelAfter(TimeSpan.FromSeconds(5));
    /// await locks.WaitUntilConnectedAsync(patience.Token);
    /// </code>
    /// </example>
    public Task WaitUntilConnectedAsync(CancellationToken cancellationToken = default) =>
        WaitUntilConnectedAsync(QuorumSize.Of(_core.Channels.Length), cancellationToken);

    /// <summary>Waits until so many nodes are connected as mutexes with a raised <see cref="MutexOptions.Quorum"/> need.</summary>
    /// <param name="quorum">1 to the number of nodes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RespRequestException">As above, for this quorum.</exception>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public async Task WaitUntilConnectedAsync(int quorum, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quorum, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quorum, _core.Channels.Length);
        _core.ThrowIfDisposed();
        try
        {
            await QuorumWait.ForAsync(_core.Channels, quorum, cancellationToken).ConfigureAwait(false);
        }
        catch (RespRequestException) when (IsDisposed)
        {
            _core.ThrowIfDisposed();
        }
    }

    private static void CheckNodes(RespChannel[] nodes)
    {
        QuorumSize.Check(nodes.Length, nameof(nodes));
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (RespChannel? node in nodes)
        {
            ArgumentNullException.ThrowIfNull(node, nameof(nodes));
            if (!names.Add(node.Name))
            {
                throw new ArgumentException(
                    $"The node {PrintableText.OfName(node.Name)} is given twice: one node has one vote.", nameof(nodes));
            }

            if (!ReferenceEquals(node.TimeProvider, nodes[0].TimeProvider))
            {
                throw new ArgumentException(
                    $"The node {PrintableText.OfName(node.Name)} has another clock than {PrintableText.OfName(nodes[0].Name)}: deadlines "
                    + "need one.",
                    nameof(nodes));
            }
        }
    }
}
