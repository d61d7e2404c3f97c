using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.Aot;

/// <summary>A host that reads its nodes from a configuration, checks their health and locks on them.</summary>
internal static class HostChecks
{
    /// <summary>Starts it, asks it, stops it.</summary>
    public static async Task RunAsync(string[] endpoints)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(Settings(endpoints));
        builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
        builder.Services.AddHealthChecks().AddRedlock();
        using IHost host = builder.Build();
        await host.StartAsync();
        HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        CheckFailedException.Unless(
            health.Status == HealthStatus.Healthy,
            $"The nodes are {health.Status}: {string.Join("; ", health.Entries.Values.Select(entry => entry.Description))}");
        RedlockMutex mutex = host.Services.GetRequiredService<LockProvider>().CreateMutex("native:host");
        bool hasRun = await mutex.WithLockAsync(_ => Task.CompletedTask);
        CheckFailedException.Unless(hasRun, "A function under a free lock did not run.");
        CheckFailedException.Unless(mutex.Options.Expiry == TimeSpan.FromSeconds(9), "The configured expiry does not count.");
        await host.StopAsync();
    }

    private static Dictionary<string, string?> Settings(string[] endpoints)
    {
        Dictionary<string, string?> settings = new() { ["Redlock:Defaults:Expiry"] = "00:00:09" };
        for (int node = 0; node < endpoints.Length; node++)
        {
            settings[$"Redlock:Nodes:{node}"] = endpoints[node];
        }

        return settings;
    }
}
