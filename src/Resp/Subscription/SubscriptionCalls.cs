using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>
/// Which subscription is being told something, so that the news of its end comes behind that and nothing comes behind that news.
/// </summary>
/// <remarks>One thread at a time tells: the one that reads. Guarded by the subscriber's gate.</remarks>
internal struct SubscriptionCalls
{
    private long _number;
    private SubscriptionEnd _owed;
    private bool _isOwed;

    /// <summary>A subscription is going to be told something.</summary>
    public void Begin(ChannelEntry entry)
    {
        Debug.Assert(_number == 0 && entry.Handler is not null, "one is told at a time");
        _number = entry.Number;
        _isOwed = false;
    }

    /// <summary>A subscription ends: whoever is telling it something right now has to tell it that too.</summary>
    /// <returns>False if nobody is.</returns>
    public bool TryOwe(long number, SubscriptionEnd end)
    {
        if (_number != number)
        {
            return false;
        }

        (_owed, _isOwed) = (end, true);
        return true;
    }

    /// <summary>It has been told.</summary>
    /// <returns>Whether it is to be told its end now.</returns>
    public bool Finish(out SubscriptionEnd end)
    {
        _number = 0;
        end = _owed;
        return _isOwed;
    }
}
