namespace Redlock.Fast;

/// <summary>
/// What to subscribe to, by name: <c>AddMeter(RedlockTelemetry.MeterName, RedlockTelemetry.NodeMeterName)</c>,
/// <c>AddSource(RedlockTelemetry.ActivitySourceName)</c>.
/// </summary>
public static class RedlockTelemetry
{
    /// <summary>The meter of the locks: <c>redlock.*</c>.</summary>
    public const string MeterName = "Redlock.Fast";

    /// <summary>The meter of the node connections: <c>resp.*</c>.</summary>
    public const string NodeMeterName = "Redlock.Fast.Resp";

    /// <summary>The source of the spans <c>acquire</c>, <c>extend</c> and <c>release</c>.</summary>
    public const string ActivitySourceName = "Redlock.Fast";

    internal static string? Version => typeof(RedlockTelemetry).Assembly.GetName().Version?.ToString(3);
}
