namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>A page of the navigation.</summary>
/// <param name="Name">What people read.</param>
/// <param name="Path">Where it is.</param>
internal sealed record Room(string Name, string Path)
{
    public static readonly Room Overview = new("Overview", "/");
    public static readonly Room Queue = new("Queue", "/queue");
    public static readonly Room Orders = new("Orders", "/orders");
    public static readonly Room Prices = new("Prices", "/prices");
    public static readonly Room Locks = new("Locks", "/locks");

    /// <summary>All, in the order in which they are shown.</summary>
    public static IReadOnlyList<Room> All { get; } = [Overview, Queue, Orders, Prices, Locks];
}
