using Microsoft.Extensions.Options;
using Redlock.Fast.Extensions;
using Redlock.Fast.Service;

// A service that ships orders, each by one instance at a time. Its page shows who holds and who waits; see docs/service.md.
WebApplicationBuilder builder = WebApplication.CreateBuilder(
    new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
using SampleNodes nodes = SampleNodes.Of(builder.Configuration);

// What a service of yours has: locks from the configuration, their health, and what is measured of them.
builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
builder.Services.AddHealthChecks().AddRedlock(tags: [Health.Ready]);
builder.AddTelemetry();
builder.Services.AddLeaderElection("pickup").AddHostedService<Pickup>();
builder.Services.AddProblemDetails();
builder.Services.AddSingleton<Orders>().AddSingleton<Carrier>();

// What the page needs.
builder.Services.AddSingleton(nodes).AddSingleton<Board>().AddSingleton<RecentSpans>().AddSingleton<SampleClients>();

await using WebApplication service = builder.Build();
service.MapShipping();
service.MapHealth();
service.MapPrometheusScrapingEndpoint();
service.MapPage();
try
{
    await service.StartAsync();
}
catch (Exception wrong) when (wrong is OptionsValidationException or IOException)
{
    // A setting of the locks, or a port that somebody else has: the text says which.
    Console.Error.WriteLine(wrong.Message);
    return 2;
}

nodes.Tell(service);
await service.WaitForShutdownAsync();
return 0;
