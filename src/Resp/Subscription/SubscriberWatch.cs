namespace Redlock.Fast.Resp;

/// <summary>
/// Finds out that a subscriber's connection is dead though nobody closed it: if nothing comes, it asks, and if then nothing comes, it is.
/// </summary>
/// <remarks>
/// It looks three times within the node's limit of silence, and sleeps while there is nothing to hear. Guarded by the subscriber's gate,
/// but for the timer's call.
/// </remarks>
internal sealed class SubscriberWatch
{
    public const int PingBytes = 14;

    // Nothing since the look before: ask. Nothing since that either: dead. The first look may come when something has just come.
    private const int Looks = 3;

    // Below it a pause of a machine or of a server would look like a lost connection.
    private static readonly TimeSpan _leastLimit = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly TimeSpan _interval;
    private SubscriberConnection? _connection;
    private long _heard;
    private long _lookTicks;
    private bool _isAsked;
    private bool _isRunning;

    public SubscriberWatch(Subscriber subscriber, RespNodeOptions options)
    {
        _time = options.TimeProvider;
        Limit = options.SilenceLimit < _leastLimit ? _leastLimit : options.SilenceLimit;
        _interval = Limit / Looks;
        _timer = WithoutContext.CreateTimer(_time, static state => ((Subscriber)state!).LookForLife(), subscriber);
    }

    /// <summary>What a look has found.</summary>
    internal enum Finding : byte
    {
        /// <summary>Nobody listens, so nothing is missed.</summary>
        None = 0,

        /// <summary>Something has come.</summary>
        Alive,

        /// <summary>Nothing has come: ask.</summary>
        Quiet,

        /// <summary>Nothing has come though it was asked.</summary>
        Dead,
    }

    /// <summary>Within what a dead connection is found.</summary>
    public TimeSpan Limit { get; }

    /// <summary>There may be something to hear from now on.</summary>
    public void Start()
    {
        if (!_isRunning)
        {
            _isRunning = true;
            _lookTicks = _time.GetTimestamp();
            _timer.Change(_interval, _interval);
        }
    }

    /// <param name="connection">The connection, if there is one.</param>
    /// <param name="channels">How many channels there are.</param>
    public Finding Look(SubscriberConnection? connection, int channels)
    {
        if (connection is null || channels == 0)
        {
            _isRunning = false;
            _connection = null;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return Finding.None;
        }

        // A process that was paused finds everything late at once: what has come meanwhile must get the time to be read.
        long now = _time.GetTimestamp();
        bool isLate = _time.GetElapsedTime(_lookTicks, now) > _interval * 2;
        _lookTicks = now;
        if (_connection != connection || _heard != connection.Heard || isLate)
        {
            _connection = connection;
            _heard = connection.Heard;
            _isAsked = false;
            return Finding.Alive;
        }

        if (!_isAsked)
        {
            _isAsked = true;
            return Finding.Quiet;
        }

        return Finding.Dead;
    }

    public void Dispose() => _timer.Dispose();
}
