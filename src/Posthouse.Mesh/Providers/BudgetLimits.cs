namespace Posthouse.Mesh.Providers;

/// <summary>What a vendor allows one key, in the units that it counts (calls or credits).</summary>
public record BudgetLimits
{
    /// <summary>In a minute; null: no limit.</summary>
    public int? PerMinute { get; init; }

    /// <summary>In a day, which begins at midnight UTC; null: no limit.</summary>
    public int? PerDay { get; init; }

    /// <summary>In a calendar month, UTC; null: no limit.</summary>
    public int? PerMonth { get; init; }
}

/// <summary>What was spent, as it is kept over restarts.</summary>
/// <param name="Day">The day that <paramref name="UsedInDay"/> counts.</param>
/// <param name="UsedInDay">Spent in that day.</param>
/// <param name="UsedInMonth">Spent in that day's month.</param>
/// <param name="BlockedUntil">Until when the vendor refused; null: it did not.</param>
/// <param name="IsKeyRefused">Whether it refused the key.</param>
internal readonly record struct BudgetUse(DateOnly Day, int UsedInDay, int UsedInMonth, DateTimeOffset? BlockedUntil, bool IsKeyRefused);
