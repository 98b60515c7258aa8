namespace Posthouse.Mesh.Diagnostics;

/// <summary>The facts of one step of the engine, in the order in which they became true. Owned by the engine's thread.</summary>
internal sealed class MeshFacts
{
    private readonly List<MeshFact> _told = [];

    /// <summary>What was told since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<MeshFact> Told => _told;

    /// <summary>Tells one.</summary>
    public void Tell(MeshFact fact) => _told.Add(fact);

    /// <summary>Forgets them, after the host took them.</summary>
    public void Clear() => _told.Clear();
}
