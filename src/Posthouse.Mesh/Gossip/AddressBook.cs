using System.Net;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>An address that outlives the process.</summary>
/// <param name="Address">Where.</param>
/// <param name="Node">Who was there; nil: nobody was reached yet.</param>
/// <param name="LastSeen">When it was last reached or told of.</param>
internal sealed record KnownAddress(string Address, NodeId Node, DateTimeOffset LastSeen);

/// <summary>One address.</summary>
internal sealed class AddressEntry(string address, bool isSeed, NodeId source)
{
    /// <summary>Where.</summary>
    public string Address => address;

    /// <summary>Where it stands in the book's list.</summary>
    public int Place { get; set; }

    /// <summary>Whether it is configured: dialled for ever, never forgotten.</summary>
    public bool IsSeed => isSeed;

    /// <summary>Who told of it; nil: the configuration, or the process before.</summary>
    public NodeId Source => source;

    /// <summary>The group of the address.</summary>
    public ulong Group { get; } = AddressBook.GroupOf(address);

    /// <summary>Who is there, as its record or a greeting says; nil: not known.</summary>
    public NodeId Node { get; set; }

    /// <summary>Whether it was ever reached.</summary>
    public bool IsTried { get; set; }

    /// <summary>Whether a connection with it broke and none was made since.</summary>
    public bool WasLost { get; set; }

    /// <summary>When it was last reached or told of.</summary>
    public DateTimeOffset LastSeen { get; set; }

    /// <summary>Dials in a row that failed.</summary>
    public int Failures { get; set; }

    /// <summary>The last wait between two dials.</summary>
    public TimeSpan Wait { get; set; }

    /// <summary>When it may be dialled next.</summary>
    public TimeSpan DialAt { get; set; }

    /// <summary>Since when it is being dialled; null: it is not.</summary>
    public TimeSpan? DialledAt { get; set; }

    /// <summary>The record that its node signed, to be handed on; empty: none.</summary>
    public ReadOnlyMemory<byte> Record { get; set; }

    /// <summary>When that was signed.</summary>
    public DateTimeOffset RecordAt { get; set; }
}

/// <summary>
/// Where other nodes may be found. What others tell is a hint that may be made up, so no teller fills it: few addresses of one network
/// from one source, and those that were never reached go first.
/// </summary>
internal sealed class AddressBook
{
    /// <summary>Addresses that were reached (as CometBFT's old buckets hold for one network size).</summary>
    public const int MaxTried = 256;

    /// <summary>Addresses that were only told of.</summary>
    public const int MaxNew = 1_024;

    /// <summary>Addresses of one /24 from one source.</summary>
    public const int MaxOfGroup = 4;

    /// <summary>Time after which an address nobody reached or told of is forgotten.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly Dictionary<string, AddressEntry> _byAddress = new(StringComparer.Ordinal);
    private readonly List<AddressEntry> _entries = [];
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);

    /// <summary>All addresses, in an order that says nothing but follows from what was done with the book alone.</summary>
    public IReadOnlyList<AddressEntry> Entries => _entries;

    /// <summary>What is to be kept for the next start.</summary>
    public IEnumerable<KnownAddress> Known
    {
        get
        {
            foreach (var entry in _entries)
            {
                if (!entry.IsSeed)
                    yield return new(entry.Address, entry.Node, entry.LastSeen);
            }
        }
    }

    /// <summary>The entry of an address; null: it is not known.</summary>
    public AddressEntry? Find(string address) => _byAddress.GetValueOrDefault(address);

    /// <summary>Whether a record is the one that is held of some node.</summary>
    public bool HasRecord(ReadOnlySpan<byte> record)
    {
        foreach (var entry in _entries)
        {
            if (entry.Record.Span.SequenceEqual(record))
                return true;
        }

        return false;
    }

    /// <summary>Adds an address, or notes that it was told of again.</summary>
    /// <returns>The entry; null where there is no room for it, or it is this node's own.</returns>
    public AddressEntry? Add(string address, bool isSeed, NodeId source, DateTimeOffset now)
    {
        if (address.Length == 0 || _own.Contains(address))
            return null;
        if (_byAddress.TryGetValue(address, out var entry))
        {
            entry.LastSeen = now > entry.LastSeen ? now : entry.LastSeen;
            return entry;
        }

        entry = new(address, isSeed, source) { LastSeen = now };
        if (!isSeed && (IsGroupFull(entry) || !MakeRoom()))
            return null;
        entry.Place = _entries.Count;
        _entries.Add(entry);
        _byAddress.Add(address, entry);
        return entry;
    }

    /// <summary>Puts one of the entries from a place on, chosen by chance, at that place: to look at as many as are needed, and no more.</summary>
    public AddressEntry Draw(int place, int chosen)
    {
        (_entries[place], _entries[chosen]) = (_entries[chosen], _entries[place]);
        (_entries[place].Place, _entries[chosen].Place) = (place, chosen);
        return _entries[place];
    }

    /// <summary>Where this node itself takes connections; empty: nowhere, or not yet.</summary>
    public string Own { get; private set; } = "";

    /// <summary>This node takes connections there from now on.</summary>
    public void Listen(string address)
    {
        Own = address;
        NoteOwn(address);
    }

    /// <summary>An address leads to this node itself.</summary>
    public void NoteOwn(string address)
    {
        _own.Add(address);
        if (Find(address) is { } entry)
            Remove(entry);
    }

    /// <summary>Forgets what nobody reached or told of for long.</summary>
    public void Sweep(DateTimeOffset now)
    {
        for (var at = _entries.Count - 1; at >= 0; at--)
        {
            if (!_entries[at].IsSeed && _entries[at].DialledAt is null && now - _entries[at].LastSeen > Kept)
                Remove(_entries[at]);
        }
    }

    /// <summary>
    /// The group of an address: its /24 (IPv4) or /48 (IPv6), or its host's name. 0: none, on this machine and in private networks, where
    /// a whole mesh may stand in one rack, and nobody from outside gets an address.
    /// </summary>
    public static ulong GroupOf(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return HashOf(System.Text.Encoding.ASCII.GetBytes(address));
        if (!IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var ip))
            return HashOf(System.Text.Encoding.ASCII.GetBytes(uri.IdnHost));
        if (ip.IsIPv4MappedToIPv6)
            ip = ip.MapToIPv4();
        var bytes = ip.GetAddressBytes();
        return IPAddress.IsLoopback(ip) || IsPrivate(bytes) ? 0 : HashOf(bytes.AsSpan(0, bytes.Length == 4 ? 3 : 6));
    }

    /// <summary>Whether an address is of a private network (RFC 1918, RFC 4193), of a provider's inside (RFC 6598), or of one link (RFC 3927, RFC 4291).</summary>
    private static bool IsPrivate(ReadOnlySpan<byte> ip) => ip.Length == 4
        ? ip[0] == 10 || (ip[0] == 172 && ip[1] is >= 16 and <= 31) || (ip[0] == 192 && ip[1] == 168) || (ip[0] == 100 && ip[1] is >= 64 and <= 127) || (ip[0] == 169 && ip[1] == 254)
        : (ip[0] & 0xFE) == 0xFC || (ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80);

    private static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        // FNV-1a, for equality alone.
        var hash = 14695981039346656037UL;
        foreach (var part in bytes)
            hash = unchecked((hash ^ part) * 1099511628211UL);
        return hash | 1;
    }

    private bool IsGroupFull(AddressEntry candidate)
    {
        if (candidate.Group == 0 || candidate.Source.IsNil)
            return false;
        var told = 0;
        foreach (var entry in _entries)
            told += entry.Group == candidate.Group && entry.Source == candidate.Source ? 1 : 0;
        return told >= MaxOfGroup;
    }

    private void Remove(AddressEntry entry)
    {
        var last = _entries[^1];
        (_entries[entry.Place], last.Place) = (last, entry.Place);
        _entries.RemoveAt(_entries.Count - 1);
        _byAddress.Remove(entry.Address);
    }

    /// <summary>Where all places are taken, the one goes that failed most, of those longest not heard of; one that was reached stays longer.</summary>
    private bool MakeRoom()
    {
        if (_entries.Count < MaxTried + MaxNew)
            return true;
        AddressEntry? worst = null;
        foreach (var entry in _entries)
        {
            if (!entry.IsSeed && entry.DialledAt is null && (worst is null || RankOf(entry).CompareTo(RankOf(worst)) < 0))
                worst = entry;
        }

        if (worst is not null)
            Remove(worst);
        return worst is not null;
    }

    private static (bool IsTried, int Failures, DateTimeOffset LastSeen) RankOf(AddressEntry entry) => (entry.IsTried, -entry.Failures, entry.LastSeen);
}
