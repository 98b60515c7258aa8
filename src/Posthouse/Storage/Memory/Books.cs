using System.Collections.Immutable;

namespace Posthouse.Storage.Memory;

/// <summary>Everything that is stored, and the time of the present transaction.</summary>
internal sealed class Books
{
    private Pauses _keptPauses = new(false, []);

    public JobTable Jobs { get; } = new();

    public EventLog Events { get; } = new();

    public Pauses Pauses { get; set; } = new(false, []);

    /// <summary>The wall clock in Unix milliseconds, read once for the transaction.</summary>
    public long Now { get; private set; }

    public void Begin(long now) => Now = now;

    public void Keep()
    {
        Jobs.Keep();
        Events.Keep();
        _keptPauses = Pauses;
    }

    public void Undo()
    {
        Jobs.Undo();
        Events.Undo();
        Pauses = _keptPauses;
    }
}

/// <summary>What may not be claimed.</summary>
/// <param name="All">Nothing may.</param>
/// <param name="Destinations">Nothing that goes there may.</param>
internal sealed record Pauses(bool All, ImmutableSortedSet<string> Destinations)
{
    public bool Stop(string destination) => All || Destinations.Contains(destination);

    public Pauses With(string? destination) =>
        destination is null ? this with { All = true } : this with { Destinations = Destinations.Add(destination) };

    public Pauses Without(string? destination) =>
        destination is null ? this with { All = false } : this with { Destinations = Destinations.Remove(destination) };
}
