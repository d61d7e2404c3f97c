using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.Service;

/// <summary>Meters at <c>/metrics</c> for Prometheus; spans to an OpenTelemetry collector, if its endpoint is in the environment.</summary>
internal static class Telemetry
{
    private const string CollectorEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder) => builder.Services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("shop"))
        .WithMetrics(meters => meters
            .AddMeter(RedlockTelemetry.MeterName, RedlockTelemetry.NodeMeterName, RedlockExtensionsTelemetry.MeterName)
            .AddAspNetCoreInstrumentation()
            .AddPrometheusExporter())
        .WithTracing(spans =>
        {
            spans
                .AddSource(RedlockTelemetry.ActivitySourceName)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => context.Request.Path.StartsWithSegments("/orders"))
                .AddProcessor<RecentSpans>();
            if (!string.IsNullOrEmpty(builder.Configuration[CollectorEndpoint]))
            {
                spans.AddOtlpExporter();
            }
        });
}
