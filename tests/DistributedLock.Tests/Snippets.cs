using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Redlock.Fast.DistributedLock.Tests;

/// <summary>The programs of the package's page, and the examples in the documentation of its members.</summary>
internal static class Snippets
{
    public static void Page(HostApplicationBuilder builder)
    {
        #region page-distributedlock-register
        builder.Services
            .AddRedlock(builder.Configuration.GetSection("Redlock"))   // "Redlock": { "Nodes": [ "redis-1:6379" ] }
            .AddDistributedLockProvider();
        #endregion
        #region example-AddDistributedLockProvider
        builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock")).AddDistributedLockProvider();
        #endregion
    }

    public static async Task OpenAsync(IDistributedLockProvider provider)
    {
        #region example-RedlockDistributedLockProvider
        IDistributedLock door = provider.CreateLock("door");
        await using IDistributedSynchronizationHandle? held = await door.TryAcquireAsync(TimeSpan.FromSeconds(5));
        if (held is not null)
        {
            // nobody else is in here
        }
        #endregion
    }

    #region page-distributedlock-use
    public sealed class Invoices(IDistributedLockProvider locks)
    {
        public async Task SendAsync(CancellationToken cancellationToken)
        {
            await using IDistributedSynchronizationHandle? held =
                await locks.TryAcquireLockAsync("invoices", TimeSpan.FromSeconds(5), cancellationToken);
            if (held is null)
            {
                return;   // another instance does it
            }

            // ... and held.HandleLostToken is cancelled if the lock is lost meanwhile
        }
    }
    #endregion
}
