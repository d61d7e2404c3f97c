using Microsoft.Extensions.Hosting;

namespace Redlock.Fast.Extensions;

/// <summary>Begins to connect a quorum when the host starts, and waits for it if asked to.</summary>
internal sealed class QuorumStart(LockProvider provider) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (provider.StartTimeLimit == TimeSpan.Zero)
        {
            return;
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(provider.StartTimeLimit);
        try
        {
            await provider.Factory.WaitUntilConnectedAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Locks work as soon as the nodes are there, so the service may start without them.
            provider.Log.QuorumMissingAtStart(provider.StartTimeLimit);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
