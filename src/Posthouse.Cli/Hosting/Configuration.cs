using System.Collections;
using System.Globalization;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// The one configuration: the person's file, then the project's, then the environment, then the command line; what
/// comes later wins. A layer that gives one item of a list gives the whole list, so that a short list can replace a
/// long one. Everything is checked before anything is used.
/// </summary>
internal sealed class Configuration
{
    private readonly Dictionary<string, Setting> _settings;
    private readonly HashSet<string> _givenLists;

    private Configuration(Dictionary<string, Setting> settings, HashSet<string> givenLists)
    {
        _settings = settings;
        _givenLists = givenLists;
    }

    /// <summary>What was given, in the table's spelling, sorted by key; keys left at their defaults are not among them.</summary>
    public IEnumerable<Setting> Given => _settings.Values.OrderBy(setting => setting.Name, StringComparer.Ordinal);

    /// <summary>Reads all layers of this process.</summary>
    /// <param name="places">Where the files are.</param>
    /// <param name="defaults">Values of a mode such as <c>--dev</c>, which everything else wins over.</param>
    /// <param name="sets">The <c>--set</c> options, each <c>Key=Value</c>.</param>
    /// <param name="options">Values of a verb's own options, such as <c>--data</c>, which win over everything.</param>
    /// <exception cref="PosthouseException"><c>OPTIONS_INVALID</c>, with one line for each thing that is wrong.</exception>
    public static Configuration Load(Places places, IEnumerable<GivenValue> defaults, IEnumerable<string> sets, params IEnumerable<GivenValue> options)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? "")).ToList();
        return From(
            defaults,
            MeshVariables.Read(variables),
            ConfigurationFile.Read(places.UserConfiguration, isProject: false),
            ConfigurationFile.Read(places.ProjectConfiguration, isProject: true),
            ConfigurationLayer.FromEnvironment(variables),
            ConfigurationLayer.FromOptions(sets),
            options);
    }

    /// <summary>Puts layers on top of each other, the weakest first.</summary>
    /// <exception cref="PosthouseException"><c>OPTIONS_INVALID</c>, with one line for each thing that is wrong.</exception>
    public static Configuration From(params IEnumerable<GivenValue>[] layers)
    {
        var all = layers.Select(layer => layer.ToList()).ToList();
        Refuse(all.SelectMany(layer => layer).Select(ConfigurationCheck.Complaint).OfType<string>());

        var settings = new Dictionary<string, Setting>(StringComparer.OrdinalIgnoreCase);
        var lists = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var layer in all) { Apply(layer, settings, lists); }

        var configuration = new Configuration(settings, lists);
        Refuse(lists.Select(configuration.Gap).OfType<string>());
        return configuration;
    }

    /// <summary>The value of a key, its default, or null.</summary>
    public string? Text(string name) => Read(name);

    /// <summary>The value of a key that has to be there.</summary>
    /// <exception cref="PosthouseException"><c>OPTIONS_INVALID</c>: it is not given.</exception>
    public string Required(string name) => Read(name)
        ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{name} is needed and not set; give it in your configuration file (see 'posthouse config path') or with --set {name}=VALUE");

    /// <summary>The value of a duration that has a default.</summary>
    public TimeSpan Duration(string name) => Span(Required(name));

    /// <summary>The value of a whole number that has a default.</summary>
    public long Count(string name) => long.Parse(Required(name), CultureInfo.InvariantCulture);

    /// <summary>The value of a decimal number that has to be there.</summary>
    public decimal Amount(string name) => decimal.Parse(Required(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    /// <summary>The value of a switch that has a default.</summary>
    public bool IsOn(string name) => bool.Parse(Required(name));

    /// <summary>The items of a list of durations.</summary>
    public IReadOnlyList<TimeSpan> Durations(string list) => [.. Texts(list).Select(Span)];

    /// <summary>The items of a list of texts; the list's default where no layer gives it.</summary>
    public IReadOnlyList<string> Texts(string list)
    {
        if (Items(list) is > 0 and var count) { return [.. Enumerable.Range(0, count).Select(index => _settings[$"{list}:{index}"].Value)]; }

        var isGiven = _givenLists.Contains(ConfigurationKeys.ListOf(list + ":0")!);
        return isGiven ? [] : Known(list + ":0").Default?.Split(", ") ?? [];
    }

    /// <summary>How many items of a list were given; item n is the group <c>list:n</c>.</summary>
    public int Items(string list)
    {
        var numbers = Numbers(list);
        return numbers.Count == 0 ? 0 : numbers.Max + 1;
    }

    /// <summary>Where the value of a key comes from; <c>default</c> where no layer gives it.</summary>
    public string SourceOf(string name) => _settings.TryGetValue(name, out var setting) ? setting.Source : "default";

    private static void Apply(List<GivenValue> layer, Dictionary<string, Setting> settings, HashSet<string> lists)
    {
        foreach (var list in layer.Select(ListGivenBy).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase))
        {
            lists.Add(list);
            foreach (var old in settings.Keys.Where(key => key.StartsWith(list + ":", StringComparison.OrdinalIgnoreCase)).ToList()) { settings.Remove(old); }
        }

        foreach (var given in layer)
        {
            if (ConfigurationKeys.Find(given.Name) is not { } key || given.Value is null) { continue; }
            var name = ConfigurationKeys.Spell(key, given.Name);
            settings[name] = new Setting(name, given.Value, given.Source);
        }
    }

    /// <summary>An item gives its outermost list; an empty list gives itself.</summary>
    private static string? ListGivenBy(GivenValue given) =>
        ConfigurationKeys.ListOf(given.Name) ?? (ConfigurationKeys.IsList(given.Name) ? given.Name : null);

    private static TimeSpan Span(string value) => ConfigurationValue.TryDuration(value, out var span) ? span : throw new FormatException($"'{value}' is no duration.");

    private string? Read(string name) => _settings.TryGetValue(name, out var setting) ? setting.Value : Known(name).Default;

    private static ConfigurationKey Known(string name) =>
        ConfigurationKeys.Find(name) ?? throw new ArgumentException($"The table of keys has no {name}.", nameof(name));

    private SortedSet<int> Numbers(string list)
    {
        var start = list + ":";
        return [.. _settings.Keys.Where(key => key.StartsWith(start, StringComparison.OrdinalIgnoreCase)).Select(key => int.Parse(key[start.Length..].Split(':')[0], CultureInfo.InvariantCulture))];
    }

    private string? Gap(string list)
    {
        var numbers = Numbers(list);
        if (numbers.Count == 0 || numbers.Max == numbers.Count - 1) { return null; }
        var missing = Enumerable.Range(0, numbers.Count).First(index => !numbers.Contains(index));
        return $"{SourceOf(_settings.Keys.First(key => key.StartsWith($"{list}:{numbers.Max}", StringComparison.OrdinalIgnoreCase)))}: {list} has an item {numbers.Max} but none with the number {missing}; number its items from 0 without a gap";
    }

    private static void Refuse(IEnumerable<string> complaints)
    {
        var lines = complaints.Distinct().ToList();
        if (lines.Count > 0) { throw new PosthouseException(ErrorCodes.OptionsInvalid, string.Join(Environment.NewLine, lines)); }
    }
}
