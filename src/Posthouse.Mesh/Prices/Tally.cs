using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>What a round of judging said of one provider.</summary>
/// <param name="Provider">Of whom.</param>
/// <param name="Agrees">Readings that agree with the others'.</param>
/// <param name="Outliers">Readings that do not.</param>
internal readonly record struct Tally(NodeId Provider, int Agrees, int Outliers);
