using System.Diagnostics;

namespace Redlock.Fast;

/// <summary>Spans of the activity source <c>Redlock.Fast</c>, named and tagged as those of database clients are.</summary>
/// <remarks>A span covers a whole operation over all nodes. Without a listener no span is made.</remarks>
internal static class LockTrace
{
    public const string SourceName = "Redlock.Fast";

    private static readonly ActivitySource _source = new(SourceName);

    public static Activity? Start(TracedOperation operation, RedlockMutex mutex) => _source.HasListeners() ? StartListened(operation, mutex) : null;

    /// <summary>Ends a span with an outcome; an outage is an error, somebody else's lock is not.</summary>
    /// <param name="activity">The span, or <c>null</c> for none.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="error">Whether too few nodes answered.</param>
    /// <param name="tries">The attempts made, or 0 if there can't be more than one.</param>
    public static void End<TStatus>(Activity? activity, TStatus status, TStatus error, int tries = 0)
        where TStatus : struct, Enum
    {
        if (activity is null)
        {
            return;
        }

        string name = status.ToString();
        activity.SetTag("redlock.status", name);
        if (tries > 0)
        {
            activity.SetTag("redlock.tries", tries);
        }

        if (EqualityComparer<TStatus>.Default.Equals(status, error))
        {
            activity.SetTag("error.type", name);
            activity.SetStatus(ActivityStatusCode.Error, "Too few nodes answered in time.");
        }

        // Stopping makes the parent current; what is current where the result is taken is the caller's business.
        Activity? current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }

    private static Activity? StartListened(TracedOperation operation, RedlockMutex mutex)
    {
        Activity? current = Activity.Current;
        (string name, string command) = operation switch
        {
            TracedOperation.Acquire => ("acquire", "SET"),
            TracedOperation.Extend => ("extend", "EVALSHA"),
            _ => ("release", "EVALSHA"),
        };
        Activity? activity = _source.StartActivity(name, ActivityKind.Client);

        // The caller goes on under its own span while this one runs.
        Activity.Current = current;
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("db.system.name", "redis");
            activity.SetTag("db.operation.name", command);
            activity.SetTag("redlock.name", mutex.Name);
            activity.SetTag("redlock.quorum", mutex.Quorum);
        }

        return activity;
    }
}
