using System.Globalization;
using System.Text;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>One price of a file.</summary>
internal readonly record struct ReplayRow(DateTimeOffset Time, PriceReading Reading);

/// <summary>
/// Prices that were written down: CSV with a header line, the columns <c>time,asset,price[,chain][,change_24h][,venue][,fault]</c> in any
/// order, times in ISO 8601 and never going back, no quotes. A fault holds from its time to the next one in the file; its row may
/// leave asset and price empty.
/// </summary>
internal sealed class ReplayFile
{
    /// <summary>Bytes of a file: a million rows.</summary>
    public const int MaxBytes = 64 << 20;

    private readonly Dictionary<AssetKey, List<ReplayRow>> _rows = [];
    private readonly List<(DateTimeOffset Time, InjectedFault Fault)> _steps = [];
    private readonly string _path;

    private ReplayFile(string path) => _path = path;

    /// <summary>The assets that it has prices of, sorted.</summary>
    public IReadOnlyList<AssetKey> Assets => [.. _rows.Keys.Order()];

    /// <summary>Its first time.</summary>
    public DateTimeOffset First => _steps[0].Time;

    /// <summary>Its last time.</summary>
    public DateTimeOffset Last => _steps[^1].Time;

    /// <summary>How long one round of it is: a step longer than from its first to its last time, so that the last prices have their time too.</summary>
    public TimeSpan Round => Last - First + (_steps.Count > 1 ? (Last - First) / (_steps.Count - 1) : TimeSpan.FromSeconds(1));

    /// <summary>The prices that come with this package, which are made up; the repository's <c>samples/Prices</c> says by what rule.</summary>
    public static ReplayFile Sample()
    {
        using var stream = typeof(ReplayFile).Assembly.GetManifestResourceStream("Posthouse.Mesh.SamplePrices.csv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Parse(reader.ReadToEnd(), "sample");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot be read; the message names the line.</exception>
    public static ReplayFile Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? Parse(File.ReadAllText(path), path)
                : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} is longer than {MaxBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} cannot be read.", e);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot be read; the message names the line.</exception>
    public static ReplayFile Parse(string text, string path)
    {
        var file = new ReplayFile(path);
        var line = 0;
        ReplayColumns? columns = null;
        foreach (var written in text.AsSpan().EnumerateLines())
        {
            line++;
            if (written.IsWhiteSpace() || written[0] == '#')
                continue;
            var fields = written.ToString().Split(',', StringSplitOptions.TrimEntries);
            if (columns is null)
                columns = ReplayColumns.Of(fields) ?? throw file.Wrong(line, $"it should name the columns time, asset and price, and perhaps {ReplayColumns.Optional}");
            else if (file.Add(columns, fields) is { } wrong)
                throw file.Wrong(line, wrong);
        }

        return file._rows.Count > 0 ? file : throw file.Wrong(line, "there is no price up to here");
    }

    /// <summary>The last row of an asset at or before a time of the file; null: there is none.</summary>
    public ReplayRow? At(AssetKey key, DateTimeOffset time)
    {
        if (!_rows.TryGetValue(key, out var rows))
            return null;
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = rows[middle].Time <= time ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : rows[low - 1];
    }

    /// <summary>The fault that holds at a time of the file.</summary>
    public InjectedFault FaultAt(DateTimeOffset time)
    {
        var step = _steps.FindLastIndex(step => step.Time <= time);
        return step < 0 ? default : _steps[step].Fault;
    }

    private string? Add(ReplayColumns columns, string[] fields)
    {
        if (fields.Length != columns.Count)
            return $"it has {fields.Length} fields instead of {columns.Count}";
        if (!SourceClock.TryIso(Encoding.UTF8.GetBytes($"\"{columns.Time(fields)}\""), out var time) || (_steps.Count > 0 && time < Last))
            return $"\"{columns.Time(fields)}\" is no time in ISO 8601 with Z, or before the line above";
        if (!InjectedFault.TryParse(columns.Fault(fields), out var fault))
            return $"\"{columns.Fault(fields)}\" is no fault";
        if (_steps.Count == 0 || time > Last)
            _steps.Add((time, fault));
        else if (fault.Kind != InjectedKind.None)
            _steps[^1] = (time, fault);
        if (columns.Asset(fields).Length == 0 && fault.Kind != InjectedKind.None)
            return null;
        var key = new AssetKey(columns.Asset(fields), columns.Chain(fields) is { Length: > 0 } chain ? chain : AssetKey.AnyChain);
        if (!WireText.IsKey(key))
            return $"\"{key}\" is no asset";
        if ((JsonDecimal.Read(Encoding.UTF8.GetBytes(columns.Price(fields)), out var price) ?? ReadingBounds.OfPrice(price)) is { } flaw)
            return $"\"{columns.Price(fields)}\" is no price ({flaw})";
        if (!TryChange(columns.Change(fields), out var change))
            return $"\"{columns.Change(fields)}\" is no change in percent";
        var venue = columns.Venue(fields) is { Length: > 0 } named ? named : null;
        if (venue is not null && (venue.Length > MeshProtocol.NameChars || venue.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            return $"\"{venue}\" is no venue";
        if (!_rows.TryGetValue(key, out var rows))
            _rows[key] = rows = [];
        rows.Add(new ReplayRow(time, new PriceReading(key, price, time) { Change24h = change, Venue = venue }));
        return null;
    }

    private static bool TryChange(string text, out decimal? change)
    {
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        var isOne = decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out var number) && ReadingBounds.Holds(number);
        change = isOne ? number : null;
        return isOne || text.Length == 0;
    }

    private PosthouseException Wrong(int line, string why) => new(ErrorCodes.OptionsInvalid, $"{_path}, line {line}: {why}.");
}
