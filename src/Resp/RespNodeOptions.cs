namespace Redlock.Fast.Resp;

/// <summary>How a node is connected. Change it with <c>with</c>. Prints no credentials.</summary>
/// <example>
/// <code>
/// RespNodeOptions options = new() { User = "locks", Password = password, ConnectTimeLimit = TimeSpan.FromSeconds(2) };
/// using RespNode node = RespNode.Connect("redis-1:6379", options);
/// </code>
/// </example>
public sealed record RespNodeOptions
{
    private readonly string? _password;

    /// <summary>The defaults.</summary>
    public RespNodeOptions()
    {
    }

    private RespNodeOptions(RespNodeOptions original, string? password)
        : this(original) => _password = password;

    /// <summary>The user of an access control list, or <c>null</c> for the default user; set with a password only.</summary>
    public string? User { get; init; }

    /// <summary>The password, or <c>null</c> for none. It appears in no text of this library, even if the node repeats it.</summary>
    /// <remarks>One of fewer than four bytes is not looked for in what a node says: it stands in any text by chance.</remarks>
    /// <exception cref="ArgumentException">It ends in a line break, as a secret does that is read whole from a file.</exception>
    public string? Password { get => _password; init => _password = NodePassword.Checked(value); }

    /// <summary>
    /// Asked at each dial for the credentials of a connection, and again on it before they end; <c>null</c> for a login that never changes,
    /// or none. In place of <see cref="User"/> and <see cref="Password"/>, never beside them, nor beside a login in the endpoint.
    /// </summary>
    /// <remarks>
    /// Given the node's name, and a token that ends the call after 30 s or with its connection. It is called on threads of the library's
    /// own, by several connections at once; whatever it throws costs a retry and no lock. It must not lock by way of this node.
    /// </remarks>
    public Func<string, CancellationToken, ValueTask<RespCredentials>>? Credentials { get; init; }

    /// <summary>The database number; 0 by default.</summary>
    public int Database { get; init => field = Checked(value >= 0, value, nameof(Database), "zero or more"); }

    /// <summary>What CLIENT LIST calls the connection, or <c>null</c> for nothing; printable ASCII without spaces.</summary>
    public string? ClientName { get; init => field = CheckedName(value); } = "redlock.fast";

    /// <summary>
    /// What a <c>rediss://</c> endpoint trusts and shows, or <c>null</c> for the roots of the system; a dialer that is given brings its
    /// own.
    /// </summary>
    public TlsDialerOptions? Tls { get; init; }

    /// <summary>The time for one dial with its handshake; 5 s by default.</summary>
    public TimeSpan ConnectTimeLimit { get; init => field = CheckedLimit(value, nameof(ConnectTimeLimit)); } = TimeSpan.FromSeconds(5);

    /// <summary>The time limit of a command that is sent without one of its own; 5 s by default.</summary>
    public TimeSpan CommandTimeLimit { get; init => field = CheckedLimit(value, nameof(CommandTimeLimit)); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a node may answer nothing, once a request has timed out, before the connection is made anew; 5 s by default. A lock asks
    /// for less: a third of its validity, though not below 250 ms. A connection with subscriptions is asked by PING when nothing comes, and
    /// made anew within this time.
    /// </summary>
    public TimeSpan SilenceLimit { get; init => field = CheckedLimit(value, nameof(SilenceLimit)); } = TimeSpan.FromSeconds(5);

    /// <summary>The wait before the second dial in a row; it doubles with each failure, with jitter; 20 ms by default.</summary>
    public TimeSpan ReconnectDelay { get; init => field = CheckedLimit(value, nameof(ReconnectDelay)); } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest wait between two dials, and the wait after a refusal that only a person can mend; 2 s by default.</summary>
    /// <remarks>
    /// Also the least time between two dials because a server says that it is not the one to ask (READONLY, MASTERDOWN, MOVED): the address
    /// may lead to another one by now, as after a failover.
    /// </remarks>
    public TimeSpan MaxReconnectDelay { get; init => field = CheckedLimit(value, nameof(MaxReconnectDelay)); } = TimeSpan.FromSeconds(2);

    /// <summary>How much is queued before requests are refused.</summary>
    public RespQueueLimits QueueLimits { get; init => field = value.Checked(); } = RespQueueLimits.Default;

    /// <summary>How many channels the node may hear at a time; 100,000 by default.</summary>
    public int MaxSubscriptions { get; init => field = Checked(value >= 1, value, nameof(MaxSubscriptions), "one or more"); } = 100_000;

    /// <summary>How large a reply may be.</summary>
    public RespLimits ReplyLimits { get; init; } = RespLimits.Default;

    /// <summary>Scripts that every handshake loads; more can be added with <see cref="RespChannel.Prepare"/>.</summary>
    public IReadOnlyList<RespScript> Scripts { get; init; } = [];

    /// <summary>The clock of all deadlines; by default one that runs on while the machine is suspended.</summary>
    public TimeProvider TimeProvider { get; init; } = MonotonicTime.Shared;

    /// <summary>Whether each handshake asks who the server is; else it is asked as soon as somebody wants to know.</summary>
    internal bool AsksForServer { get; init; }

    /// <summary>On what the node runs.</summary>
    internal NodeScheduler Scheduler { get; init; } = NodeScheduler.Threads;

    /// <summary>The client name and the database; never the user or the password.</summary>
    public override string ToString() => $"{nameof(RespNodeOptions)} {{ ClientName = {ClientName}, Database = {Database} }}";

    /// <summary>The same with the login of an endpoint, where a line break has to be written as %0A and so is meant.</summary>
    internal RespNodeOptions WithLogin(string? user, string? password) => new(this, password) { User = user };

    private static TimeSpan CheckedLimit(TimeSpan value, string name)
    {
        // The longest due time that a timer takes.
        TimeSpan longest = TimeSpan.FromDays(24);
        return value > TimeSpan.Zero && value <= longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be above zero and at most {longest.TotalDays:0} days.");
    }

    private static int Checked(bool holds, int value, string name, string bound) =>
        holds ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {bound}.");

    /// <returns>Empty if it may be what CLIENT LIST calls a connection.</returns>
    internal static string ProblemOfName(string name) =>
        name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') ? "" : "ClientName must be printable ASCII without spaces.";

    private static string? CheckedName(string? value) =>
        value is not null && ProblemOfName(value) is { Length: > 0 } problem ? throw new ArgumentException(problem, nameof(value)) : value;
}
