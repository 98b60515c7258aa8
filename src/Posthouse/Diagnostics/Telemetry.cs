namespace Posthouse.Diagnostics;

/// <summary>The names under which the core can be watched with OpenTelemetry: <c>AddMeter</c> and <c>AddSource</c> take them.</summary>
public static class Telemetry
{
    /// <summary>The meter of the core's metrics.</summary>
    public const string MeterName = "Posthouse";

    /// <summary>The source of the core's activities.</summary>
    public const string ActivitySourceName = "Posthouse";
}
