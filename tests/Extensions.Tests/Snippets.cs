using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>The programs of the package's page, and the examples in the documentation of its members.</summary>
internal static class Snippets
{
    public static void Page(HostApplicationBuilder builder)
    {
        #region page-extensions-register
        builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
        builder.Services.AddHealthChecks().AddRedlock();
        #endregion
        #region page-extensions-lead
        builder.Services.AddLeaderElection("reports").AddHostedService<Reports>();
        #endregion
    }

    public static void Register(HostApplicationBuilder builder, IServiceCollection services)
    {
        #region example-AddRedlock
        services.AddRedlock(options =>
        {
            options.Nodes.Add("redis-1:6379");
            options.Defaults.KeyPrefix = "shop:";
        });
        #endregion
        #region example-AddRedlock.section
        builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
        #endregion
        #region example-IHostApplicationBuilder.AddRedlock
        builder.AddRedlock("redis1", "redis2", "redis3");   // ConnectionStrings:redis1 and so on, with health check, meters and spans
        #endregion
        #region example-AddKeyedRedlock.section
        builder.Services.AddKeyedRedlock("Billing", builder.Configuration.GetSection("Redlock:Billing"));
        #endregion
        #region example-AddHealthChecks
        builder.Services.AddHealthChecks().AddRedlock(tags: ["ready"]);
        #endregion
        #region example-AddLeaderElection
        builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
        builder.Services.AddLeaderElection("reports").AddHostedService<Reports>();
        #endregion
    }

    public static async Task LeadAsync(ILeaderElection election, CancellationToken stopping)
    {
        #region example-ILeaderElection
        LeaderTerm term = await election.WaitForTermAsync(stopping);
        while (term.IsHeld)
        {
            await SendAsync(stopping);
        }
        #endregion
    }

    private static Task SendAsync(CancellationToken lost) => Task.Delay(1, lost);

    #region page-extensions-inject
    public sealed class Stock(ILockProvider locks)
    {
        private readonly RedlockMutex _mutex = locks.CreateMutex("stock");

        public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
        {
            await using LockResult taken = await _mutex.TryLockAsync(TimeSpan.FromSeconds(2), cancellationToken);
            return taken.IsAcquired;   // else taken.Status tells somebody else's lock from an outage
        }
    }
    #endregion

    #region page-extensions-leader
    public sealed class Reports(ILeaderElection election) : LeaderService(election)
    {
        protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
        {
            using PeriodicTimer timer = new(TimeSpan.FromMinutes(1));
            while (await timer.WaitForNextTickAsync(lost))
            {
                // on one instance at a time; a leader that stops is followed within a round trip, one that dies at its expiry
            }
        }
    }
    #endregion

    public static class OfMembers
    {
        #region example-LeaderService
        public sealed class Reports(ILeaderElection election) : LeaderService(election)
        {
            protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
            {
                using PeriodicTimer timer = new(TimeSpan.FromMinutes(1));
                while (await timer.WaitForNextTickAsync(lost))
                {
                    await SendAsync(lost);
                }
            }
        }
        #endregion

        #region example-ILockProvider
        public sealed class Stock(ILockProvider locks)
        {
            private readonly RedlockMutex _mutex = locks.CreateMutex("stock");

            public async Task TakeAsync(CancellationToken cancellationToken)
            {
                await using LockHandle held = await _mutex.LockAsync(cancellationToken);
            }
        }
        #endregion
    }
}
