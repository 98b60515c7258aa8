using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Diagnostics;

/// <summary>Something that became true. The engine tells each once, when it changes; hosts make log lines, messages and metrics of it.</summary>
internal abstract record MeshFact;

/// <summary>A provider that this node never knew was heard.</summary>
/// <param name="Provider">Who.</param>
/// <param name="Hops">How far away; null: not told.</param>
internal sealed record ProviderDiscovered(NodeId Provider, int? Hops) : MeshFact;

/// <summary>A known provider is alive again.</summary>
/// <param name="Provider">Who.</param>
/// <param name="OfflineFor">For how long it was not; since its last sign of life where this node itself was not running.</param>
internal sealed record ProviderReconnected(NodeId Provider, TimeSpan OfflineFor) : MeshFact;

/// <summary>A provider is no longer alive.</summary>
/// <param name="Provider">Who.</param>
/// <param name="Reason">How that is known.</param>
internal sealed record ProviderDisconnected(NodeId Provider, DisconnectReason Reason) : MeshFact;

/// <summary>A provider lives but does not deliver.</summary>
/// <param name="Provider">Who.</param>
/// <param name="BySelf">Whether it said so itself; else it missed its slots.</param>
internal sealed record ProviderDegraded(NodeId Provider, bool BySelf) : MeshFact;

/// <summary>A degraded provider delivers again.</summary>
/// <param name="Provider">Who.</param>
internal sealed record ProviderHealed(NodeId Provider) : MeshFact;

/// <summary>A provider comes and goes; what it does is told again when it has been steady for a while.</summary>
/// <param name="Provider">Who.</param>
internal sealed record ProviderFlapping(NodeId Provider) : MeshFact;

/// <summary>A provider's prices do not count for a while, for they kept contradicting all others.</summary>
/// <param name="Provider">Who.</param>
/// <param name="Lasts">For how long.</param>
internal sealed record ProviderEjected(NodeId Provider, TimeSpan Lasts) : MeshFact;

/// <summary>An ejected provider's prices count again.</summary>
/// <param name="Provider">Who.</param>
internal sealed record ProviderReadmitted(NodeId Provider) : MeshFact;

/// <summary>No provider is alive.</summary>
/// <param name="Since">Since when.</param>
/// <param name="HasPrices">Whether cached prices are served; else none is known.</param>
internal sealed record AllProvidersOffline(DateTimeOffset Since, bool HasPrices) : MeshFact;

/// <summary>No provider has been alive for the threshold.</summary>
/// <param name="Duration">For how long.</param>
internal sealed record ExtendedOffline(TimeSpan Duration) : MeshFact;

/// <summary>Reminds that there is still no provider.</summary>
/// <param name="Duration">For how long.</param>
internal sealed record StillOffline(TimeSpan Duration) : MeshFact;

/// <summary>A provider is alive after there was none.</summary>
/// <param name="Duration">How long there was none.</param>
/// <param name="Assets">Prices that the message which ended it refreshed.</param>
internal sealed record NetworkRecovered(TimeSpan Duration, int Assets) : MeshFact;

/// <summary>Somebody was served a cached price for the first time since the last provider went.</summary>
internal sealed record ServingCachedData : MeshFact;

/// <summary>What the network's status says changed, save ages and times of last signs of life.</summary>
/// <param name="Status">The status now.</param>
internal sealed record NetworkStatusChanged(NetworkStatus Status) : MeshFact;

/// <summary>The wall's clock and the steady one moved differently: somebody set it, or the machine slept.</summary>
/// <param name="Jump">The wall's move beyond the steady clock's.</param>
internal sealed record ClockJumped(TimeSpan Jump) : MeshFact;

/// <summary>This node's own timers came late: what it did not hear is no sign of others' death.</summary>
/// <param name="Lateness">By how much.</param>
/// <param name="WantsResync">Whether so much may have been missed that maps should be compared at once.</param>
internal sealed record OwnTimersLate(TimeSpan Lateness, bool WantsResync) : MeshFact;

/// <summary>This node's wall clock differs from its peers' by more than a message may be early: its own words are refused, or taken late.</summary>
/// <param name="Behind">By how much it is behind; negative: ahead.</param>
internal sealed record OwnClockDiffers(TimeSpan Behind) : MeshFact;

/// <summary>This node's wall clock agrees with its peers' again.</summary>
internal sealed record OwnClockAgrees : MeshFact;

/// <summary>Two sources of an asset differ beyond its threshold.</summary>
/// <param name="Key">The asset.</param>
/// <param name="Pair">The readings.</param>
internal sealed record PriceDiscrepancy(AssetKey Key, DiscrepantPair Pair) : MeshFact;

/// <summary>The sources of an asset agree again.</summary>
/// <param name="Key">The asset.</param>
internal sealed record DiscrepancyEnded(AssetKey Key) : MeshFact;

/// <summary>A lone source's price jumped, and waits for confirmation.</summary>
/// <param name="Key">The asset.</param>
/// <param name="From">What is served on.</param>
/// <param name="To">What waits.</param>
internal sealed record PriceQuarantined(AssetKey Key, decimal From, decimal To) : MeshFact;

/// <summary>A reading differs from all others and is newer than they: more providers should be asked soon.</summary>
/// <param name="Key">The asset.</param>
internal sealed record CrossCheckWanted(AssetKey Key) : MeshFact;

/// <summary>Prices have gone stale, where none or fewer were.</summary>
/// <param name="Assets">How many are stale.</param>
/// <param name="Oldest">The age of the oldest.</param>
internal sealed record DataWentStale(int Assets, TimeSpan Oldest) : MeshFact;

/// <summary>Prices of an asset were dropped, for they are older than its rule of expiry keeps them.</summary>
/// <param name="Key">The asset.</param>
/// <param name="Before">Those observed before this were dropped.</param>
internal sealed record PricesExpired(AssetKey Key, DateTimeOffset Before) : MeshFact;

/// <summary>This consumer provides prices until a configured provider is back.</summary>
internal sealed record PromotedSelf : MeshFact;

/// <summary>This consumer stopped providing prices, for a configured provider is back.</summary>
internal sealed record SteppedDown : MeshFact;

/// <summary>The vendor's quota keeps this node from fetching.</summary>
/// <param name="Reason">Which limit or answer.</param>
/// <param name="Until">When it may again; null: not before somebody changes the key.</param>
internal sealed record BudgetSpent(string Reason, DateTimeOffset? Until) : MeshFact;

/// <summary>Two processes have one key: what they say contradicts each other, and others take only some of it.</summary>
/// <param name="Node">Whose key.</param>
/// <param name="Address">Where the other one says it listens; empty: not told.</param>
internal sealed record DuplicateIdentity(NodeId Node, string Address) : MeshFact;

/// <summary>A provider is heard that this node's settings do not let it believe; told again an hour later.</summary>
/// <param name="Provider">Who.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ProviderRefused(NodeId Provider, Refusal Reason) : MeshFact;

/// <summary>A configured address leads to no node, or now for another cause.</summary>
/// <param name="Address">Where.</param>
/// <param name="Cause">Why.</param>
internal sealed record SeedUnreachable(string Address, string Cause) : MeshFact;

/// <summary>A node was reached at a configured address where there was none.</summary>
/// <param name="Address">Where.</param>
internal sealed record SeedReached(string Address) : MeshFact;

/// <summary>A peer is banned for what it sent.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Lasts">For how long.</param>
internal sealed record PeerBanned(NodeId Peer, TimeSpan Lasts) : MeshFact;
