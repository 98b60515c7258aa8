using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>What a range of seeds showed: failures by kind, events reached, seeds that were not deterministic.</summary>
internal sealed partial class SeedReport
{
    private readonly SortedDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _reached = new(StringComparer.Ordinal);
    private readonly List<int> _unstable = [];

    public int Seeds { get; private set; }

    public long Events { get; private set; }

    public TimeSpan VirtualTime { get; private set; }

    /// <summary>Failures whose messages differ only in numbers, with their first seed.</summary>
    public IReadOnlyDictionary<string, Kind> Failures => _kinds;

    /// <summary>Named events over all seeds.</summary>
    public IReadOnlyDictionary<string, long> Reached => _reached;

    /// <summary>Seeds whose second run left another trace.</summary>
    public IReadOnlyList<int> Unstable => _unstable;

    /// <summary>Fails unless no seed failed, all reruns agreed and every named event happened.</summary>
    public void ShouldBeClean(params string[] mustReach)
    {
        var missed = mustReach.Where(name => !_reached.ContainsKey(name)).ToArray();
        if (_kinds.Count > 0 || _unstable.Count > 0 || missed.Length > 0)
            Assert.Fail($"{this}\ntoo tame, never reached: {(missed.Length == 0 ? "-" : string.Join(", ", missed))}");
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Seeds} seeds, {Events} events, {VirtualTime.TotalSeconds:F0} virtual seconds");
        foreach (var (message, kind) in _kinds)
            text.Append(CultureInfo.InvariantCulture, $"\n{kind.Count} x {message}\n  first seed {kind.FirstSeed}: {kind.FirstMessage}\n  faults: {kind.FirstFaults}");
        if (_unstable.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"\n{SimulationFailure.Nondeterminism}: two runs differ for seeds {string.Join(", ", _unstable)}");
        foreach (var (name, times) in _reached)
            text.Append(CultureInfo.InvariantCulture, $"\nreached {times,8} x {name}");
        return text.ToString();
    }

    internal void Add(Sim run)
    {
        Seeds++;
        Events += run.Events;
        VirtualTime += run.Now;
        foreach (var (name, times) in run.Reached)
            _reached[name] = _reached.GetValueOrDefault(name) + times;
        if (run.Failure is not { } failure)
            return;
        var message = Numbers().Replace(failure.Broken, "#");
        _kinds[message] = _kinds.TryGetValue(message, out var kind)
            ? kind with { Count = kind.Count + 1 }
            : new Kind(1, run.Seed, failure.Message, Swarm.Draw(run.Seed).ToString());
    }

    internal void Compare(Sim run, Sim again)
    {
        if (run.Hash != again.Hash || run.Failure?.Message != again.Failure?.Message)
            _unstable.Add(run.Seed);
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();

    /// <summary>One kind of failure.</summary>
    internal sealed record Kind(int Count, int FirstSeed, string FirstMessage, string FirstFaults);
}
