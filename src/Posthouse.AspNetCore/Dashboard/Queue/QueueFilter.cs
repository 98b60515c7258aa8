using System.Globalization;
using Microsoft.AspNetCore.Http;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>Which jobs a page shows.</summary>
/// <param name="State">One of <see cref="States"/>; null: all.</param>
/// <param name="Lane">Only this lane.</param>
/// <param name="Name">Only this type.</param>
/// <param name="After">Only jobs accepted after the one with this number.</param>
internal sealed record QueueFilter(string? State, string? Lane, string? Name, long After)
{
    /// <summary>Jobs on a page: what one reads before one filters.</summary>
    public const int Size = 50;

    /// <summary>Most characters of a lane or name that is looked for.</summary>
    private const int MaxText = 256;

    /// <summary>The states one can ask for.</summary>
    public static readonly string[] States = ["failed", "pending", "running", "completed", "closed"];

    public static QueueFilter Of(IQueryCollection query)
    {
        var state = query["state"].ToString();
        return new(States.Contains(state) ? state : null, Text("lane"), Text("kind"), long.TryParse(query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : 0);

        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 and <= MaxText } text ? text : null;
    }

    /// <summary>What the store is asked; one more than is shown tells whether there is another page.</summary>
    public JobQuery Query => new()
    {
        State = State switch { "pending" => JobState.Pending, "running" => JobState.Running, "completed" => JobState.Done, _ => null },
        NeedsDecision = State switch { "failed" => true, "closed" => false, _ => null },
        Lane = Lane,
        Name = Name,
        AfterSeq = After,
        Limit = Size + 1,
    };

    /// <summary>The page's address.</summary>
    public string Path(string? part = null)
    {
        (string Name, string? Value)[] words = [("state", State), ("lane", Lane), ("kind", Name), ("after", After > 0 ? After.ToString(CultureInfo.InvariantCulture) : null), ("part", part)];
        var query = string.Join('&', words.Where(word => word.Value is not null).Select(word => $"{word.Name}={Uri.EscapeDataString(word.Value!)}"));
        return query.Length > 0 ? "/queue?" + query : "/queue";
    }
}
