namespace Redlock.Fast.Extensions;

/// <summary>
/// What to subscribe to of this package, by name, beside <see cref="RedlockTelemetry"/>:
/// <c>AddMeter(RedlockTelemetry.MeterName, RedlockTelemetry.NodeMeterName, RedlockExtensionsTelemetry.MeterName)</c>.
/// <c>builder.AddRedlock</c> does it by itself.
/// </summary>
public static class RedlockExtensionsTelemetry
{
    /// <summary>The meter of the elections: <c>redlock.leader.*</c>.</summary>
    public const string MeterName = "Redlock.Fast.Extensions";
}
