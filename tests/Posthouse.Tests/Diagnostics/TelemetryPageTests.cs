using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Metrics;
using Posthouse.Ivxp.Diagnostics;
using Posthouse.Tests.Cli.Hosting;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Diagnostics;

/// <summary>
/// The page of telemetry has each metric and each event that there is, and no other. The tables are made by running this with POSTHOUSE_APPROVE=1.
/// </summary>
public sealed class TelemetryPageTests
{
    private const string Page = "docs/telemetry.md";

    private static readonly string[] _meters = ["Posthouse", "Posthouse.Ivxp", "Posthouse.Mesh"];

    private static readonly string[] _packages = ["Posthouse", "Posthouse.Ivxp", "Posthouse.Vcs", "Posthouse.Mesh", "Posthouse.AspNetCore", "Posthouse.Cli"];

    [Fact]
    public async Task Every_metric_is_on_the_page()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (_meters.Contains(instrument.Meter.Name)) { lock (found) { found.Add(Row(instrument)); } }
            },
        };
        listener.Start();
        await using var served = await ServedMesh.StartAsync();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ = new IvxpMetrics(() => throw new InvalidOperationException(), TimeProvider.System, services.GetRequiredService<IMeterFactory>());

        string[] rows;
        lock (found) { rows = [.. found.Order(StringComparer.Ordinal)]; }
        Compare("metrics", ["| Metric | In Prometheus | Kind | What it tells |", "|---|---|---|---|", .. rows]);
    }

    [Fact]
    public void Every_log_event_is_on_the_page() => Compare("events",
    [
        "| Id | Event | Level | Message |", "|---|---|---|---|",
        .. _packages.SelectMany(package => Assembly.Load(package).GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => (Method: method, Said: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(one => one.Said is not null).OrderBy(one => one.Said!.EventId)
            .Select(one => string.Create(CultureInfo.InvariantCulture,
                $"| {one.Said!.EventId} | {one.Said.EventName ?? one.Method.Name} | {Word(one.Said.Level)} | {one.Said.Message.Replace("|", "\\|", StringComparison.Ordinal)} |")),
    ]);

    private static string Row(Instrument instrument)
    {
        var series = new InstrumentSeries(instrument);
        return $"| `{instrument.Name}` | `{series.Name}` | {series.Type} | {instrument.Description!.TrimEnd('.')}. |";
    }

    private static string Word(LogLevel level) => level is LogLevel.Information ? "info" : level.ToString().ToLowerInvariant();

    private static void Compare(string table, string[] rows)
    {
        var lines = Tree.Read(Page).Text.Split('\n').ToList();
        var begin = lines.FindIndex(line => line.StartsWith($"<!-- {table}: begin", StringComparison.Ordinal)) + 1;
        var end = lines.IndexOf($"<!-- {table}: end -->");
        if (Environment.GetEnvironmentVariable("POSTHOUSE_APPROVE") == "1")
        {
            lines.RemoveRange(begin, end - begin);
            lines.InsertRange(begin, rows);
            File.WriteAllText(Path.Combine(Tree.Root, Page), string.Join('\n', lines));
            return;
        }

        string.Join('\n', lines[begin..end]).ShouldBe(string.Join('\n', rows), $"{Page} is made by running this with POSTHOUSE_APPROVE=1");
    }
}
