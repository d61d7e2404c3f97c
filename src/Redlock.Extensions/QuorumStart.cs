using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Begins to connect a quorum when the host starts, and waits for it if asked to.</summary>
internal sealed class QuorumStart(LockProvider provider, TimeSpan timeLimit, string label, ILogger logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (timeLimit == TimeSpan.Zero)
        {
            return;
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeLimit);
        try
        {
            await provider.Factory.WaitUntilConnectedAsync(provider.Quorum, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Locks work as soon as the nodes are there, so the service may start without them.
            LogMessages.QuorumMissingAtStart(logger, label, provider.Quorum, timeLimit);
        }
        catch (RespRequestException refused)
        {
            LogMessages.QuorumRefusedAtStart(logger, label, refused.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
