namespace Posthouse.Mesh.Wire;

/// <summary>
/// Every number of the mesh's wire, and every limit of it with its reason. What stands here stands in <c>spec/mesh/wire.md</c> too;
/// numbers are append-only.
/// </summary>
internal static class MeshProtocol
{
    /// <summary>The version that a Hello and every signed message name.</summary>
    public const byte Version = 1;

    /// <summary>ECDSA over P-256 with SHA-256, the signature as 64 bytes r‖s (IEEE P1363).</summary>
    public const byte SchemeP256 = 1;

    /// <summary>The simulator's tag of 16 bytes. No node outside a simulation takes it.</summary>
    public const byte SchemeTag = 127;

    /// <summary>What is signed under this number is no frame: the answer to a Hello.</summary>
    public const byte SignsHello = 0xE0;

    /// <summary>What is signed under this number is no frame: an operator's certificate for a provider's key.</summary>
    public const byte SignsCertificate = 0xE1;

    /// <summary>What is signed under this number is no frame: the proof that a successor's key is held by who announces it.</summary>
    public const byte SignsSuccessor = 0xE2;

    /// <summary>A whole frame. Above the largest batch of prices, below what would hold up a peer's link for a second at 1 Mbit/s.</summary>
    public const int MaxFrameBytes = 64 * 1024;

    /// <summary>A signed frame. Leaves room in a frame of 64 KiB for the chunk that carries it to a newcomer.</summary>
    public const int MaxSignedBytes = 60 * 1024;

    /// <summary>Bytes before a signed frame's body: type, ttl, hop and network.</summary>
    public const int SignedHeaderBytes = 3 + NetworkIdBytes;

    /// <summary>A network's id: the first half of a SHA-256, so that two names do not meet.</summary>
    public const int NetworkIdBytes = 16;

    /// <summary>A public key: the point's X and Y, 32 bytes each.</summary>
    public const int KeyBytes = 64;

    /// <summary>A message's id: half a SHA-256, beyond reach of a second preimage.</summary>
    public const int MessageIdBytes = 16;

    /// <summary>A Hello's nonce: as wide as the digest that proves it was answered.</summary>
    public const int NonceBytes = 32;

    /// <summary>Hops a publisher asks for: above the 12 that 10,000 nodes needed, with room for half of them dying.</summary>
    public const byte DefaultTtl = 16;

    /// <summary>Hops a frame may still ask for on arrival: 23 were needed with half of 10,000 nodes dead; more only costs others.</summary>
    public const byte MaxTtl = 32;

    /// <summary>Prices of one update: one upstream batch of the largest vendor.</summary>
    public const int MaxPrices = 512;

    /// <summary>Characters of an asset, of a chain and of a venue: the longest real ones have about half.</summary>
    public const int NameChars = 32;

    /// <summary>Characters of a decimal number: what .NET's decimal can hold has at most 31.</summary>
    public const int DecimalChars = 40;

    /// <summary>Ids in one IHave, IWant or IDontWant: three windows at 85 messages a second.</summary>
    public const int MaxIds = 256;

    /// <summary>Peer records in one Prune or PxResponse: twice a mesh's degree, as gossipsub has it.</summary>
    public const int MaxRecords = 16;

    /// <summary>Addresses of one peer: two families on two networks.</summary>
    public const int MaxAddresses = 4;

    /// <summary>Characters of an address: a host name of 63, a port and a path.</summary>
    public const int AddressChars = 128;

    /// <summary>Characters of a program's name and version.</summary>
    public const int AgentChars = 64;

    /// <summary>Beacons in one NetworkStatus: more providers than fit are heard of by gossip within 5 s.</summary>
    public const int MaxBeacons = 64;

    /// <summary>Buckets of a digest: 2 KiB for any number of prices, and one wrong price costs 1/256 of the list.</summary>
    public const int Buckets = 256;

    /// <summary>Items of one DigestResponse: at most 125 bytes each, together below a frame.</summary>
    public const int MaxDigestItems = 512;

    /// <summary>Signed updates in one SnapshotChunk: so many are checked before anything else gets its turn (about 20 ms).</summary>
    public const int MaxChunkUpdates = 64;

    /// <summary>Registers of a size sketch: an error of about 3 %.</summary>
    public const int SketchRegisters = 1024;

    /// <summary>The highest value of a register: a hash of 64 bits without the 10 that name the register, and one.</summary>
    public const byte MaxRegister = 55;

    /// <summary>The latest time on the wire, 2100-01-01, in milliseconds: arithmetic on it cannot overflow.</summary>
    public const long MaxUnixMilliseconds = 4_102_444_800_000;

    /// <summary>The longest backoff that a Prune may ask for: a day, the longest ban.</summary>
    public const int MaxBackoffSeconds = 86_400;

    /// <summary>A share in thousandths.</summary>
    public const int MaxPermille = 1_000;

    /// <summary>Health, 0 to 100.</summary>
    public const int MaxHealth = 100;

    /// <summary>Distance of a node that knows no way to a provider.</summary>
    public const byte NoHops = byte.MaxValue;

    /// <summary>A live message is at most so old: as long as ids are remembered, so that nothing can be told twice.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(300);

    /// <summary>A message may come so far from the future: clocks kept by NTP differ by far less.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(5);

    /// <summary>A price may be observed so long after its update was signed: sources round up to whole seconds.</summary>
    public static readonly TimeSpan ObservedAhead = TimeSpan.FromSeconds(1);

    /// <summary>A price may be so old when it is signed: slow markets have a price a day.</summary>
    public static readonly TimeSpan ObservedBehind = TimeSpan.FromHours(24);

    /// <summary>The lowest change over 24 hours in percent: all is lost.</summary>
    public const decimal MinChange24h = -100m;

    /// <summary>The highest change over 24 hours in percent: ten thousand times the price.</summary>
    public const decimal MaxChange24h = 1_000_000m;

    /// <summary>Where a node's HTTP server takes connections of other nodes.</summary>
    public const string GossipPath = "/mesh/gossip";

    /// <summary>The WebSocket subprotocol of such a connection (RFC 6455 §1.9).</summary>
    public const string Subprotocol = "posthouse-mesh.1";

    /// <summary>What every signed text begins with, so that no signature of another protocol can be taken for one of ours.</summary>
    public static ReadOnlySpan<byte> SignedPrefix => "posthouse-mesh/1\0"u8;

    /// <summary>Bytes of a signature; 0: no such scheme.</summary>
    public static int SignatureBytes(byte scheme) => scheme switch
    {
        SchemeP256 => 64,
        SchemeTag => 16,
        _ => 0,
    };
}
