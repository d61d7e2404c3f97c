using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Spans of the activity source <c>Redlock.Fast</c>, named and tagged as those of database clients are.</summary>
/// <remarks>
/// A span covers a whole operation over all nodes, so it names no server and no database. Without a listener no span is made. A listener or
/// a sampler that throws takes no lock from its caller: it is counted as a handler that failed.
/// </remarks>
internal static class LockTrace
{
    private static readonly ActivitySource _source = new(RedlockTelemetry.ActivitySourceName, RedlockTelemetry.Version);

    public static Activity? Start(TracedOperation operation, MutexDefinition mutex) =>
        operation != TracedOperation.None && _source.HasListeners() ? StartListened(operation, mutex) : null;

    /// <summary>
    /// Ends a span with an outcome; an outage is an error, somebody else's lock and the caller's own cancellation are not.
    /// </summary>
    /// <param name="activity">The span, or <c>null</c> for none.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="error">Which status says that too few nodes answered.</param>
    /// <param name="thrown">What the caller is given in place of a status, or <c>null</c>.</param>
    /// <param name="tries">The attempts made, or 0 if there can't be more than one.</param>
    public static void End<TStatus>(Activity? activity, TStatus status, TStatus error, Exception? thrown, int tries = 0)
        where TStatus : struct, Enum
    {
        if (activity is null)
        {
            return;
        }

        if (activity.IsAllDataRequested)
        {
            Describe(activity, status, error, thrown, tries);
        }

        // Stopping makes the parent current; what is current where the result is taken is the caller's business.
        Activity? current = Activity.Current;
        try
        {
            activity.Stop();
        }
        catch (Exception thrownByListener)
        {
            LockMetrics.CountFailedHandler(thrownByListener);
        }

        Activity.Current = current;
    }

    /// <summary>Adds what a call that waited knows beyond its outcome; before the span ends.</summary>
    /// <param name="activity">The span, or <c>null</c> for none.</param>
    /// <param name="end">How the wait ended.</param>
    /// <param name="attempts">How often the call asked the nodes.</param>
    public static void DescribeWait(Activity? activity, WaitEnd end, int attempts)
    {
        if (activity?.IsAllDataRequested == true)
        {
            activity.SetTag("redlock.wait.end", Enum.GetName(end));
            activity.SetTag("redlock.attempts", attempts);
        }
    }

    private static void Describe<TStatus>(Activity activity, TStatus status, TStatus error, Exception? thrown, int tries)
        where TStatus : struct, Enum
    {
        bool isCancelled = thrown is OperationCanceledException or ThreadInterruptedException;
        activity.SetTag("redlock.status", isCancelled ? "Cancelled" : status.ToString());
        if (tries > 0)
        {
            activity.SetTag("redlock.tries", tries);
        }

        if (isCancelled)
        {
            return;
        }

        if (thrown is not null)
        {
            activity.SetTag("error.type", thrown.GetType().FullName);
            activity.SetStatus(ActivityStatusCode.Error, "The delay function threw.");
        }
        else if (EqualityComparer<TStatus>.Default.Equals(status, error))
        {
            activity.SetTag("error.type", status.ToString());
            activity.SetStatus(ActivityStatusCode.Error, "Too few nodes answered in time.");
        }
    }

    private static Activity? StartListened(TracedOperation operation, MutexDefinition mutex)
    {
        Activity? current = Activity.Current;
        (string name, string command, string? script) = operation switch
        {
            TracedOperation.Acquire when mutex.AcquireFrame.Script is { } taking => ("acquire", "EVALSHA", taking.Sha1),
            TracedOperation.Acquire => ("acquire", "SET", null),
            TracedOperation.Extend => ("extend", "EVALSHA", mutex.ExtendFrame.Script!.Sha1),
            _ => ("release", "EVALSHA", RedlockScripts.Release.Sha1),
        };

        // Given at the creation, because a sampler sees no others.
        List<KeyValuePair<string, object?>> tags =
        [
            new("db.system.name", "redis"),
            new("db.operation.name", command),
            new("db.query.summary", name),
            new("redlock.name", PrintableText.OfName(mutex.Name)),
            new("redlock.quorum", mutex.Quorum),
        ];
        if (script is not null)
        {
            tags.Add(new("db.stored_procedure.name", script));
        }

        try
        {
            return _source.StartActivity(name, ActivityKind.Client, parentContext: default, tags);
        }
        catch (Exception thrown)
        {
            LockMetrics.CountFailedHandler(thrown);
            return null;
        }
        finally
        {
            // The caller goes on under its own span while this one runs.
            Activity.Current = current;
        }
    }
}
