namespace Redlock.Fast;

/// <summary>Cancelled when a lock is lost; says why.</summary>
internal sealed class LossSource : CancellationTokenSource
{
    public LossReason Reason { get; set; }

    /// <summary>
    /// Shows the loss before it returns; what is registered is called on the pool, and what that throws is counted: nobody waits for it.
    /// </summary>
    public async Task TellAsync()
    {
        try
        {
            await CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException thrown)
        {
            foreach (Exception one in thrown.InnerExceptions)
            {
                LockMetrics.CountFailedHandler(one);
            }
        }
    }
}
