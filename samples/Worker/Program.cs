using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Worker;

// Without arguments it shows how a leadership is handed over; with --instance it is one instance of a service, as a user would write it.
if (args is not ["--instance", .. string[] settings])
{
    return await HandOverShow.RunAsync(args);
}

HostApplicationBuilder builder = Host.CreateApplicationBuilder(
    new HostApplicationBuilderSettings { Args = settings, ContentRootPath = AppContext.BaseDirectory });
builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
builder.Services
    .AddRedlock(builder.Configuration.GetSection("Redlock"))
    .AddLeaderElection("reports")
    .AddHostedService<Reports>();

// For the show alone, which stops its instances so; a service of yours is stopped by its signals.
builder.Services.AddHostedService<InputWatch>();
await builder.Build().RunAsync();
return 0;
