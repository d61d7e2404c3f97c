using Microsoft.Extensions.Hosting;

namespace Redlock.Fast.Worker;

/// <summary>Stops the host in good order when whoever started this process closes its input.</summary>
internal sealed class InputWatch(IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using Stream input = Console.OpenStandardInput();
        byte[] read = new byte[1];
        try
        {
            while (await input.ReadAsync(read, stoppingToken) > 0)
            {
            }

            lifetime.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // It stops already.
        }
    }
}
