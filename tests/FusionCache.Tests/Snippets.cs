using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Extensions;
using ZiggyCreatures.Caching.Fusion;

namespace Redlock.Fast.FusionCache.Tests;

/// <summary>The program of the package's page, and the examples in the documentation of its members.</summary>
internal static class Snippets
{
    public static void Page(HostApplicationBuilder builder)
    {
        #region page-fusioncache
        builder.Services
            .AddRedlock(builder.Configuration.GetSection("Redlock"))   // "Redlock": { "Nodes": [ "redis-1:6379" ] }
            .AddFusionCacheDistributedLocker();
        builder.Services.AddFusionCache()
            .WithRegisteredDistributedCache()                          // where the instances find what one of them stored
            .WithRegisteredSerializer()
            .WithRegisteredDistributedLocker();
        #endregion
        #region example-AddFusionCacheDistributedLocker
        builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock")).AddFusionCacheDistributedLocker();
        builder.Services.AddFusionCache().WithRegisteredDistributedLocker();
        #endregion
    }

    public static void Hand(ZiggyCreatures.Caching.Fusion.FusionCache cache, ILockProvider locks)
    {
        #region example-RedlockFusionCacheLocker
        cache.SetupDistributedLocker(new RedlockFusionCacheLocker(locks));
        #endregion
    }
}
