using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Redlock.Fast.Extensions;

/// <summary>One quorum of a host that is described by its configuration and the names of its connection strings.</summary>
internal sealed class ConfiguredQuorum
{
    private const string Section = "Redlock";

    private readonly IHostApplicationBuilder _builder;
    private readonly string? _key;
    private readonly List<string> _connectionNames;
    private readonly KnownKeys _keys;

    public ConfiguredQuorum(IHostApplicationBuilder builder, string? key, IEnumerable<string> connectionNames)
    {
        ArgumentNullException.ThrowIfNull(connectionNames);
        _builder = builder;
        _key = key;
        _connectionNames = [.. connectionNames];
        foreach (string name in _connectionNames)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(connectionNames));
        }

        _keys = KnownKeys.Of(builder.Services);
        if (key is not null)
        {
            _keys.Add(key);
        }
    }

    private string OptionsName => _key ?? Options.DefaultName;

    /// <summary>Read when the options are made, so that sources which are added behind the registration count.</summary>
    public void Configure(RedlockServiceOptions options, Action<RedlockServiceOptions> configure)
    {
        RedlockSettings.Read(
            _builder.Configuration.GetSection(_key is null ? Section : $"{Section}:{_key}"), options, _key is null ? _keys : []);
        ConnectionStrings.Read(_builder.Configuration, _connectionNames, options);
        configure(options);
    }

    /// <summary>The health check, the meters and the spans, unless the options leave them out.</summary>
    public void AddObservation()
    {
        IServiceCollection services = _builder.Services;
        services.AddHealthChecks();

        // Behind all who add a check of this name by hand: theirs stands.
        services.AddOptions<HealthCheckServiceOptions>().PostConfigure<IOptionsMonitor<RedlockServiceOptions>>((health, quorums) =>
        {
            string name = RedlockHealthChecksBuilderExtensions.NameOf(_key);
            if (!quorums.Get(OptionsName).DisableHealthChecks && !IsThere(health, name))
            {
                health.Registrations.Add(RedlockHealthChecksBuilderExtensions.RegistrationOf(_key, name));
            }
        });
        services.ConfigureOpenTelemetryMeterProvider((provider, meters) =>
        {
            if (!OptionsOf(provider).DisableMetrics)
            {
                meters.AddMeter(RedlockTelemetry.MeterName, RedlockTelemetry.NodeMeterName, RedlockExtensionsTelemetry.MeterName);
            }
        });
        services.ConfigureOpenTelemetryTracerProvider((provider, spans) =>
        {
            if (!OptionsOf(provider).DisableTracing)
            {
                spans.AddSource(RedlockTelemetry.ActivitySourceName);
            }
        });
    }

    private static bool IsThere(HealthCheckServiceOptions health, string name)
    {
        foreach (HealthCheckRegistration registration in health.Registrations)
        {
            if (registration.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private RedlockServiceOptions OptionsOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>().Get(OptionsName);

    /// <summary>The keys of a host's quorums: what stands below the section under one of them is that quorum's.</summary>
    private sealed class KnownKeys : List<string>
    {
        public static KnownKeys Of(IServiceCollection services)
        {
            foreach (ServiceDescriptor service in services)
            {
                if (service is { IsKeyedService: false, ImplementationInstance: KnownKeys known })
                {
                    return known;
                }
            }

            KnownKeys keys = [];
            services.AddSingleton(keys);
            return keys;
        }
    }
}
