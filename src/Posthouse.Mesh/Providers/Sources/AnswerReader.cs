using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Reads the prices out of an answer, asset by asset: what is wrong with one takes nothing from the others.</summary>
/// <param name="plan">Where they stand.</param>
/// <param name="now">The wall clock.</param>
/// <param name="prices">Takes the readings.</param>
/// <param name="flaws">Takes what is missing or wrong.</param>
internal readonly struct AnswerReader(ProfilePlan plan, DateTimeOffset now, List<PriceReading> prices, List<ReadingFlaw> flaws)
{
    /// <summary>Reads an answer.</summary>
    /// <returns>Why nothing in it could be read; null: each asset is a reading or a flaw.</returns>
    public SourceFault? Read(ReadOnlySpan<byte> body, SourceCall call)
    {
        body = JsonWalk.Bare(body);
        if (!JsonWalk.IsSound(body))
            return SourceFaults.NotJson();
        var spots = new Dictionary<string, Range?>(StringComparer.Ordinal);
        foreach (var (_, symbol) in call.Assets)
            spots[symbol] = null;
        if (plan.Item.SymbolAt >= 0)
        {
            if (!JsonWalk.TryIndex(body, plan.Item, spots))
                return WrongShape();
        }
        else
        {
            if (!JsonWalk.TryFind(body, plan.Item.Steps, out var only))
                return WrongShape();
            body.Overlaps(only, out var at);
            spots[call.Assets[0].Symbol] = at..(at + only.Length);
        }

        foreach (var (key, symbol) in call.Assets)
        {
            if (spots[symbol] is { } spot)
                ReadItem(body[spot], key);
            else
                flaws.Add(new(key, ReadingFlawKind.Absent));
        }

        return null;
    }

    /// <summary>Reads one asset's own value.</summary>
    public void ReadItem(ReadOnlySpan<byte> item, AssetKey key)
    {
        if (item[0] != '{')
        {
            flaws.Add(new(key, item[0] == 'n' ? ReadingFlawKind.Null : ReadingFlawKind.WrongType));
            return;
        }

        var flaw = Number(item, plan.Price, out var price) ?? ReadingBounds.OfPrice(price);
        var at = default(DateTimeOffset);
        if ((flaw ?? Time(item, out at) ?? ReadingBounds.OfTime(at, now)) is { } found)
        {
            flaws.Add(new(key, found));
            return;
        }

        var change = Change(item, price, out var isUsable);
        if (!isUsable)
            flaws.Add(new(key, ReadingFlawKind.ChangeUnusable));
        prices.Add(new PriceReading(key, price, at) { Change24h = change, Venue = plan.Profile.Name });
    }

    private static SourceFault WrongShape() => new(SourceFaultKind.WrongShape, "The source's answer holds no prices where its profile says.");

    /// <summary>A number, or a number in quotes.</summary>
    private static ReadingFlawKind? Number(ReadOnlySpan<byte> item, JsonPath path, out decimal number)
    {
        number = 0;
        if (!JsonWalk.TryFind(item, path.Steps, out var value))
            return ReadingFlawKind.Absent;
        return value[0] switch
        {
            (byte)'n' => ReadingFlawKind.Null,
            (byte)'"' => JsonDecimal.Read(value[1..^1], out number),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => JsonDecimal.Read(value, out number),
            _ => ReadingFlawKind.WrongType,
        };
    }

    private ReadingFlawKind? Time(ReadOnlySpan<byte> item, out DateTimeOffset at)
    {
        at = default;
        if (plan.Profile.TimeUnit == SourceTime.Iso8601)
        {
            return !JsonWalk.TryFind(item, plan.Time.Steps, out var value) || value[0] == 'n' ? ReadingFlawKind.TimeMissing
                : SourceClock.TryIso(value, out at) ? null : ReadingFlawKind.TimeUnreadable;
        }

        return Number(item, plan.Time, out var number) switch
        {
            ReadingFlawKind.Absent or ReadingFlawKind.Null => ReadingFlawKind.TimeMissing,
            null when SourceClock.TryUnix(number, plan.Profile.TimeUnit, out at) => null,
            _ => ReadingFlawKind.TimeUnreadable,
        };
    }

    private decimal? Change(ReadOnlySpan<byte> item, decimal price, out bool isUsable)
    {
        isUsable = true;
        if ((plan.Change24h ?? plan.Open24h) is not { } path)
            return null;
        var flaw = Number(item, path, out var number);
        if (flaw is ReadingFlawKind.Absent or ReadingFlawKind.Null)
            return null;

        // A change too small to be told from zero is none; a price of that size would be no price.
        var change = flaw is not null ? null : plan.Open24h is null ? ReadingBounds.Holds(number) ? number : null : ReadingBounds.Change(number, price);
        isUsable = change is not null;
        return change;
    }
}
