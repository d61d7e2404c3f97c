namespace Redlock.Fast.Extensions;

/// <summary>Lets so many messages through in each stretch of time, and counts the others.</summary>
internal sealed class LogLimit(int most, TimeSpan stretch, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _start;
    private int _written;
    private int _suppressed;
    private bool _hasBegun;

    /// <summary>Asks for one message.</summary>
    /// <param name="suppressed">How many were not written since the last one that was.</param>
    public bool TryTake(out int suppressed)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            if (!_hasBegun || time.GetElapsedTime(_start, now) >= stretch)
            {
                _hasBegun = true;
                _start = now;
                _written = 0;
            }

            if (_written == most)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _written++;
            suppressed = _suppressed;
            _suppressed = 0;
            return true;
        }
    }
}
