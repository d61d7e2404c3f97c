using Microsoft.Extensions.Logging;

namespace Redlock.Fast.Extensions;

/// <summary>One kind of message that may come in floods: written so often in a stretch of time, else counted.</summary>
internal sealed class LimitedMessage(ILogger logger, string quorum, string name, LogLevel level, LogLimit limit)
{
    /// <summary>Asks to write one; says before it how many were left out.</summary>
    public bool MayWrite()
    {
        // What nobody would see must not use up what may be seen once the level is changed.
        if (!logger.IsEnabled(level) || !limit.TryTake(out int suppressed))
        {
            return false;
        }

        if (suppressed > 0)
        {
            LogMessages.LeftOut(logger, quorum, suppressed, name);
        }

        return true;
    }
}
