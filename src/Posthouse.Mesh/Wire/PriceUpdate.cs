namespace Posthouse.Mesh.Wire;

/// <summary>The prices of one fetch, as their provider signs them.</summary>
/// <param name="Provider">Who read and signed them.</param>
/// <param name="Stamp">Where it stands among the provider's messages.</param>
/// <param name="Slot">The fetch slot they were read for: whole intervals since the Unix epoch.</param>
/// <param name="IssuedAt">When they were signed, by the provider's clock, in whole milliseconds.</param>
/// <param name="Prices">At most 512, sorted by key, no key twice.</param>
public sealed record PriceUpdate(NodeId Provider, Stamp Stamp, ulong Slot, DateTimeOffset IssuedAt, IReadOnlyList<PriceReading> Prices);
