using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace Redlock.Fast.Service;

/// <summary>What an orchestrator asks: whether to restart this instance, and whether to send it requests.</summary>
internal static class Health
{
    public const string Ready = "ready";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // A restart mends no server of locks, so that it answers is enough.
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = async (context, report) => await context.Response.WriteAsJsonAsync(new
            {
                status = report.Status.ToString(),
                checks =
                    from check in report.Entries
                    select new { name = check.Key, status = check.Value.Status.ToString(), check.Value.Description },
            }),
        });
    }
}
