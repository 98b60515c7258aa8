using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>
/// What one key may still spend. The minute is a bucket that fills evenly, for vendors count a minute from any second; days and months
/// begin when the vendor's do. What is left of a day or a month is spread over the rest of it by fetching less often, so that a small
/// quota gives old prices at all times instead of fresh ones until noon.
/// </summary>
internal sealed class FetchBudget
{
    /// <summary>The wait after a refusal that names none.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(60);

    private readonly BudgetLimits _limits;
    private double _tokens;
    private DateTimeOffset _filledAt;
    private DateTimeOffset? _lastFetch;

    /// <summary>Goes on with what was spent before.</summary>
    public FetchBudget(BudgetLimits limits, DateTimeOffset now, BudgetUse use = default) =>
        (_limits, _tokens, _filledAt, Use) = (limits, limits.PerMinute ?? 0, now, use);

    /// <summary>What was spent, to be kept.</summary>
    public BudgetUse Use { get; private set; }

    /// <summary>When the first try of a slot, or another one, may be made; now or before: at once; null: not with this key.</summary>
    /// <param name="now">The wall's time, whose days the vendor's are.</param>
    /// <param name="interval">The interval between fetches.</param>
    /// <param name="cost">What a fetch costs.</param>
    /// <param name="isRetry">Whether it is another try of a slot, which need not wait for the stretched interval.</param>
    public DateTimeOffset? AllowedAt(DateTimeOffset now, TimeSpan interval, int cost, bool isRetry)
    {
        if (Use.IsKeyRefused)
        {
            return null;
        }

        var (day, month) = Left(now);
        var at = Use.BlockedUntil ?? DateTimeOffset.MinValue;
        at = Later(at, day < cost ? NextDay(now) : at);
        at = Later(at, month < cost ? NextMonth(now) : at);
        at = Later(at, MinuteAllows(now, cost));
        var stretched = Stretched(now, interval, cost);
        return isRetry || _lastFetch is not { } last || stretched <= interval ? at : Later(at, last + stretched);
    }

    /// <summary>The interval at which what is left lasts until it is renewed; never shorter than the usual one.</summary>
    public TimeSpan Stretched(DateTimeOffset now, TimeSpan interval, int cost)
    {
        var (day, month) = Left(now);
        var byDay = Spread(NextDay(now) - now, day, cost);
        var byMonth = Spread(NextMonth(now) - now, month, cost);
        var longest = byDay > byMonth ? byDay : byMonth;
        return longest > interval ? longest : interval;
    }

    /// <summary>A fetch was made, whatever came of it: vendors count refused ones too.</summary>
    public void Spend(DateTimeOffset now, int cost, bool isRetry)
    {
        Fill(now);
        _tokens -= cost;
        _lastFetch = isRetry ? _lastFetch : now;
        var (day, used, month) = Turned(now);
        Use = Use with { Day = day, UsedInDay = used + cost, UsedInMonth = month + cost };
    }

    /// <summary>A call failed. What says nothing of the key or its quota, and asks for no wait, changes nothing.</summary>
    public void Failed(SourceFault fault, DateTimeOffset now) => Use = fault switch
    {
        { Kind: SourceFaultKind.KeyRefused } => Use with { IsKeyRefused = true },
        { Kind: SourceFaultKind.DaySpent } => Use with { BlockedUntil = NextDay(now) },
        { Kind: SourceFaultKind.MonthSpent } => Use with { BlockedUntil = NextMonth(now) },
        { RetryAfter: { } wait } => Use with { BlockedUntil = now + wait },
        { Kind: SourceFaultKind.Throttled } => Use with { BlockedUntil = now + DefaultWait },
        _ => Use,
    };

    /// <summary>The vendor has just answered as it should: what it said of a key before counts no more.</summary>
    public void Accepted() => Use = Use with { IsKeyRefused = false, BlockedUntil = null };

    /// <summary>What is left, in thousandths, for the beacon: the scarcer of day and month; 0 while the vendor refuses.</summary>
    public int Permille(DateTimeOffset now)
    {
        if (Use.IsKeyRefused || Use.BlockedUntil > now)
        {
            return 0;
        }

        var (day, month) = Left(now);
        return Math.Min(Share(day, _limits.PerDay), Share(month, _limits.PerMonth));
    }

    private static int Share(long left, int? limit) => limit is not { } all ? MeshProtocol.MaxPermille
        : (int)Math.Clamp(((left * MeshProtocol.MaxPermille) + all - 1) / Math.Max(1, all), 0, MeshProtocol.MaxPermille);

    private static TimeSpan Spread(TimeSpan rest, long left, int cost) =>
        left == long.MaxValue ? TimeSpan.Zero : left < cost ? rest : rest / ((double)left / cost);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset NextDay(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private static DateTimeOffset NextMonth(DateTimeOffset now) =>
        new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);

    private (long Day, long Month) Left(DateTimeOffset now)
    {
        var (_, usedInDay, usedInMonth) = Turned(now);
        return (_limits.PerDay - usedInDay ?? long.MaxValue, _limits.PerMonth - usedInMonth ?? long.MaxValue);
    }

    /// <summary>The counts as of today: a new day begins at nothing, and so does a new month.</summary>
    private (DateOnly Day, int UsedInDay, int UsedInMonth) Turned(DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return today <= Use.Day ? (Use.Day, Use.UsedInDay, Use.UsedInMonth)
            : (today, 0, today.Year == Use.Day.Year && today.Month == Use.Day.Month ? Use.UsedInMonth : 0);
    }

    private DateTimeOffset MinuteAllows(DateTimeOffset now, int cost)
    {
        if (_limits.PerMinute is not { } limit)
        {
            return now;
        }

        Fill(now);
        return _tokens >= cost ? now : now + (TimeSpan.FromMinutes(1) * ((cost - _tokens) / limit));
    }

    private void Fill(DateTimeOffset now)
    {
        if (_limits.PerMinute is { } limit && now > _filledAt)
        {
            _tokens = Math.Min(limit, _tokens + (limit * ((now - _filledAt) / TimeSpan.FromMinutes(1))));
            _filledAt = now;
        }
    }
}
