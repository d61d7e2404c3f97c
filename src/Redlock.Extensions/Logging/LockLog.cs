using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Writes down every lock that is tried and released, by name, where the log is open at its level for debugging.</summary>
internal sealed class LockLog(ILogger logger, string quorum) : LockObserver
{
    public override bool IsEnabled => logger.IsEnabled(LogLevel.Debug);

    public override void OnTried(string name, in LockResult result)
    {
        name = PrintableText.OfName(name);
        if (result.IsAcquired)
        {
            LogMessages.LockAcquired(logger, quorum, name, result.Tries);
        }
        else if (result.Status == LockStatus.Contended)
        {
            LogMessages.LockContended(logger, quorum, name, result.Tries, string.Join("; ", result.Nodes));
        }
        else
        {
            LogMessages.LockUnavailable(logger, quorum, name, result.Tries, string.Join("; ", result.Nodes));
        }
    }

    public override void OnReleased(string name, UnlockStatus status) =>
        LogMessages.LockReleased(logger, quorum, PrintableText.OfName(name), status);
}
