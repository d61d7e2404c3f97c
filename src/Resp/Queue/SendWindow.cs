namespace Redlock.Fast.Resp;

/// <summary>
/// How many bytes of new requests may be unanswered: somewhat more than the link and the server hold while neither lets anything wait.
/// </summary>
/// <remarks>
/// That amount is what the node answers a second times the shortest round trip, measured anew in each round; a round lasts until a frame
/// that was handed over after its start is answered. Less would leave the node idle, more would only wait in a queue where nothing can be
/// taken back. Knows no lock and no clock.
/// </remarks>
internal sealed class SendWindow
{
    /// <summary>Before anything is known: as much as any socket buffers.</summary>
    public const int FirstBytes = 64 * 1024;

    /// <summary>Some frames at least, so that the rate can be measured.</summary>
    public const int LeastBytes = 4 * 1024;

    // Room to find out that more is answered when more is asked.
    private const double Gain = 1.75;

    // A rate that is not reached any more is given up over some rounds, as one round can be slow by chance.
    private const double KeptRate = 0.875;

    // Of those handed over with just enough time half would come too late; whoever waits has others behind that have more.
    private const double Reserve = 1.5;

    // A route that has become somewhat longer is believed over some hundred rounds.
    private const int ForgetShift = 8;

    private readonly int _mostBytes;
    private readonly long _slackTicks;
    private double _rate;
    private long _shortestTicks = long.MaxValue;
    private long _roundShortestTicks = long.MaxValue;
    private long _roundLongestTicks;
    private long _lastLongestTicks;
    private long _roundEnd;
    private long _roundStart;
    private long _roundStartTicks;
    private bool _isShort;

    /// <param name="mostBytes">The largest window.</param>
    /// <param name="slackTicks">What a busy machine adds to a round trip: without it a link of no length would get no window.</param>
    public SendWindow(int mostBytes, long slackTicks)
    {
        _mostBytes = mostBytes;
        _slackTicks = slackTicks;
        Bytes = Math.Min(FirstBytes, mostBytes);
    }

    /// <summary>How many bytes may be unanswered now.</summary>
    public int Bytes { get; private set; }

    /// <summary>
    /// What must be left of a request's time for it to be worth sending, in ticks: the longest round trip of late, with a reserve.
    /// </summary>
    public long NeededTicks => (long)(Reserve * Math.Max(_roundLongestTicks, _lastLongestTicks));

    /// <summary>A request has to wait because the window is full.</summary>
    public void NoteShort() => _isShort = true;

    /// <summary>A frame was answered.</summary>
    /// <param name="frameEnd">Where it ended in the stream.</param>
    /// <param name="sentTicks">When it was handed over.</param>
    /// <param name="lineEnd">Where the newest frame ends.</param>
    /// <param name="now">The time.</param>
    public void NoteAnswered(long frameEnd, long sentTicks, long lineEnd, long now)
    {
        long roundTrip = Math.Max(1, now - sentTicks);
        _roundShortestTicks = Math.Min(_roundShortestTicks, roundTrip);
        _roundLongestTicks = Math.Max(_roundLongestTicks, roundTrip);
        if (frameEnd > _roundEnd)
        {
            EndRound(frameEnd, now);
            _roundEnd = lineEnd;
        }
    }

    private void EndRound(long answered, long now)
    {
        double rate = (answered - _roundStart) / (double)Math.Max(1, now - _roundStartTicks);
        _shortestTicks = Math.Min(_shortestTicks, _roundShortestTicks);
        if (_isShort || rate > _rate)
        {
            _rate = Math.Max(rate, _rate * KeptRate);
            double bytes = Gain * _rate * (_shortestTicks + (double)_slackTicks);
            int window = (int)Math.Clamp(bytes, Math.Min(LeastBytes, _mostBytes), _mostBytes);

            // A round in which nobody waited says nothing against more.
            Bytes = _isShort ? window : Math.Max(window, Bytes);
        }

        // What is slow with next to nothing under way is the link itself.
        bool isLink = _isShort && Bytes <= 2 * LeastBytes;
        _shortestTicks = isLink ? _roundShortestTicks : _shortestTicks + (_shortestTicks >> ForgetShift);
        _lastLongestTicks = _roundLongestTicks;
        _roundShortestTicks = long.MaxValue;
        _roundLongestTicks = 0;
        _roundStart = answered;
        _roundStartTicks = now;
        _isShort = false;
    }
}
