namespace Redlock.Fast;

/// <summary>Asks and tells an observer, whose mistakes take no lock from anybody: they are counted as a handler that failed.</summary>
internal static class Observation
{
    /// <summary>Whether it wants to be told now.</summary>
    public static bool IsWanted(LockObserver? observer)
    {
        try
        {
            return observer is { IsEnabled: true };
        }
        catch (Exception thrown)
        {
            LockMetrics.CountFailedHandler(thrown);
            return false;
        }
    }

    public static void TellTried(LockObserver observer, MutexDefinition mutex, in LockResult result)
    {
        try
        {
            observer.OnTried(mutex.Name, result);
        }
        catch (Exception thrown)
        {
            LockMetrics.CountFailedHandler(thrown);
        }
    }

    public static void TellReleased(LockObserver observer, MutexDefinition mutex, UnlockStatus status)
    {
        try
        {
            observer.OnReleased(mutex.Name, status);
        }
        catch (Exception thrown)
        {
            LockMetrics.CountFailedHandler(thrown);
        }
    }
}
