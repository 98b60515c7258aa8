using Posthouse.Jobs;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Makes nodes hold the same without anybody publishing: they compare what they hold, with each new peer, now and then with one of the
/// others, and soon after something was learned this way. What is fetched is the original signed message; it is never passed on as news
/// and proves nobody alive.
/// </summary>
/// <param name="near">The connections.</param>
/// <param name="map">What this node holds.</param>
/// <param name="take">Takes a fetched update; returns how many of its prices are new here, or below 0 where the peer is to blame.</param>
internal sealed class CatchUp(Neighbourhood near, PriceMap map, Func<ReadOnlyMemory<byte>, Moment, int> take)
{
    /// <summary>Items told of in one comparison: more than any mesh has, and what a peer can fill at no cost.</summary>
    private const int MaxListed = 65_536;

    /// <summary>Bytes of updates in one chunk: what a frame can carry beside its own fields.</summary>
    private const int ChunkBytes = MeshProtocol.MaxFrameBytes - 64;

    /// <summary>Bytes before each update in a chunk: its length as a varint.</summary>
    private const int LengthBytes = 3;

    /// <summary>
    /// Items of one answer: two frames, of which two answers fit into a queue. What does not fit is told in the next comparison, which follows
    /// soon where this one brought something.
    /// </summary>
    private const int MaxTold = 2 * MeshProtocol.MaxDigestItems;

    /// <summary>Peers compared with after something was learned, or missed.</summary>
    private const int Fan = 3;

    /// <summary>The least time between two comparisons that are asked of one peer.</summary>
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(1);

    /// <summary>The least time after which being asked is a reason to ask back.</summary>
    private static readonly TimeSpan _askBackAfter = TimeSpan.FromSeconds(5);

    /// <summary>The time without an answer after which a comparison is given up, and another may take its place: longer than a frame may wait.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly List<HeldPrice> _found = [];
    private readonly List<Link> _peers = [];
    private TimeSpan _dueAt = TimeSpan.MinValue;
    private TimeSpan _hasteAt = TimeSpan.MaxValue;
    private uint _number;

    /// <summary>Compares with a peer, unless that was just done.</summary>
    public void Begin(Link link, Moment now)
    {
        if (link.Comparison is { } last && (now.Steady - last.StartedAt < _least || (last.IsUnderWay && now.Steady - last.HeardAt < _patience)))
            return;
        link.Comparison = new(++_number, now.Steady);
        near.Send(link, new DigestRequest(_number, map.Digest.ToArray(), null));
    }

    /// <summary>Compares soon with several peers: what this node learned or missed, others may have as well.</summary>
    public void Hasten(Moment now)
    {
        if (_hasteAt == TimeSpan.MaxValue)
            _hasteAt = now.Steady + near.Jitter(_least, 0.5);
    }

    /// <summary>Compares when it is time to; each heartbeat.</summary>
    public void Heartbeat(Moment now)
    {
        foreach (var link in near.Up)
        {
            if (link.Comparison is { MayAsk: true } waiting)
                Ask(link, waiting, now);
        }

        if (_dueAt == TimeSpan.MinValue)
            _dueAt = now.Steady + (near.Options.Digest * near.Ids.NextFraction());
        var peers = now.Steady >= _hasteAt ? Fan : now.Steady >= _dueAt ? 1 : 0;
        if (peers == 0)
            return;
        _hasteAt = TimeSpan.MaxValue;
        _dueAt = now.Steady + near.Jitter(near.Options.Digest, 0.2);
        _peers.Clear();
        _peers.AddRange(near.Up);
        near.Choose(_peers, peers);
        foreach (var link in _peers)
            Begin(link, now);
    }

    /// <summary>A peer compares, or asks for updates.</summary>
    public void OnRequest(Link link, DigestRequest request, Moment now)
    {
        if (request.Wanted is { } wanted)
        {
            Serve(link, request.Number, wanted);
            return;
        }

        link.AnsweredDigest = request.Number;
        _found.Clear();
        map.ListDiffering(request.Buckets, _found);
        if (_found.Count > MaxTold)
            TakePortion();
        _found.Sort(static (one, other) => one.Key.CompareTo(other.Key) is var order and not 0 ? order : one.Provider.CompareTo(other.Provider));
        for (var at = 0; at == 0 || at < _found.Count; at += MeshProtocol.MaxDigestItems)
        {
            var items = new DigestItem[Math.Min(MeshProtocol.MaxDigestItems, _found.Count - at)];
            for (var item = 0; item < items.Length; item++)
                items[item] = _found[at + item].Item;
            near.Send(link, new DigestResponse(request.Number, at + items.Length >= _found.Count, items));
        }

        // What the other side alone has in a bucket does not show in the answer, so it is asked for.
        if (AnyDiffers(request.Buckets) && (link.Comparison is not { } last || now.Steady - last.StartedAt >= _askBackAfter))
            Begin(link, now);
    }

    /// <summary>A peer told what it holds.</summary>
    /// <returns>Whether it was asked.</returns>
    public bool OnResponse(Link link, DigestResponse response, Moment now)
    {
        // An answer to an earlier question than the last is late, not unasked.
        if (link.Comparison is not { } comparison || response.Number != comparison.Number || !comparison.IsOpen)
            return link.Comparison is { } later && response.Number < later.Number;
        if (response.Items.Length > 0 && comparison.Find().Listed.Count + response.Items.Length > MaxListed)
            return false;
        comparison.HeardAt = now.Steady;
        foreach (var item in response.Items)
            Compare(comparison.Find(), item);
        if (!response.IsLast)
            return true;
        comparison.IsOpen = false;
        if (comparison.Found is not { } found)
            return true;
        ListUnlisted(found);
        Ask(link, comparison, now);
        if (found.Newer.Count > 0)
            SendChunk(link, comparison.Number, [.. found.Newer.Values]);
        found.Listed.Clear();
        return true;
    }

    /// <summary>A peer sent updates.</summary>
    /// <returns>Whether it may.</returns>
    public bool OnChunk(Link link, SnapshotChunk chunk, Moment now)
    {
        var comparison = link.Comparison;
        if (chunk.Number != comparison?.Number && chunk.Number != link.AnsweredDigest)
            return comparison is not null && chunk.Number < comparison.Number;
        var isAnswer = chunk.Number == comparison?.Number;
        var learned = 0;
        foreach (var update in chunk.Updates)
        {
            if (isAnswer && SignedBytes.TryDigest(update.Span, out var digest) == Refusal.None)
                comparison!.Got(digest.Id);
            var prices = take(update, now);
            if (prices < 0)
                return false;
            learned += prices;
        }

        if (learned > 0)
            Hasten(now);
        if (isAnswer)
        {
            comparison!.Answered(chunk.IsLast || chunk.Updates.Length == 0);
            comparison.HeardAt = now.Steady;
            Ask(link, comparison, now);
        }

        return true;
    }

    /// <summary>Asks for the next updates, now or at a heartbeat: a peer takes only so many questions.</summary>
    private void Ask(Link link, Comparison comparison, Moment now)
    {
        if (!comparison.MayAsk || !link.TryAsk(now.Steady))
            return;
        comparison.HeardAt = now.Steady;
        near.Send(link, new DigestRequest(comparison.Number, null, comparison.Ask()));
    }

    /// <summary>
    /// Keeps of what differs whole buckets, so that what is not told in one of them is not held here. Chance says where to begin: a bucket with
    /// something that the other side does not take differs for ever, and must not stand before the others.
    /// </summary>
    private void TakePortion()
    {
        Span<int> items = stackalloc int[MeshProtocol.Buckets];
        items.Clear();
        foreach (var price in _found)
            items[price.Bucket]++;
        var (told, first) = (new bool[MeshProtocol.Buckets], near.Below(MeshProtocol.Buckets));
        var count = 0;
        for (var at = 0; at < MeshProtocol.Buckets; at++)
        {
            var bucket = (first + at) % MeshProtocol.Buckets;
            if (count > 0 && count + items[bucket] > MaxTold)
                break;
            (told[bucket], count) = (true, count + items[bucket]);
        }

        _found.RemoveAll(price => !told[price.Bucket]);
    }

    private void Compare(Difference found, in DigestItem item)
    {
        found.Listed.Add((item.Key, item.Provider));
        found.Buckets.Add(DigestBuckets.BucketOf(item.Key, item.Provider));
        foreach (var held in map.ReadingsOf(item.Key))
        {
            if (held.Provider != item.Provider)
                continue;
            var order = held.Version.CompareTo(new PriceVersion(item.ObservedAt, item.Stamp, item.Update));
            if (order < 0)
                found.Lack(item.Update);
            else if (order > 0 && !held.Signed.IsEmpty)
                found.Newer[held.Item.Update] = held.Signed;
            return;
        }

        found.Lack(item.Update);
    }

    /// <summary>Lists what this node holds in the buckets that differ and the other side did not tell of.</summary>
    private void ListUnlisted(Difference found)
    {
        foreach (var key in map.Keys)
        {
            foreach (var held in map.ReadingsOf(key))
            {
                if (found.Buckets.Contains(held.Bucket) && !held.Signed.IsEmpty && !found.Listed.Contains((held.Key, held.Provider)))
                    found.Newer[held.Item.Update] = held.Signed;
            }
        }
    }

    private void Serve(Link link, uint number, MessageId[] wanted)
    {
        var ids = new HashSet<MessageId>(wanted);
        var found = new List<ReadOnlyMemory<byte>>();
        foreach (var key in map.Keys)
        {
            foreach (var held in map.ReadingsOf(key))
            {
                if (!held.Signed.IsEmpty && ids.Remove(held.Item.Update))
                    found.Add(held.Signed);
            }
        }

        SendChunk(link, number, found);
    }

    /// <summary>One chunk, as much as a frame carries: whoever wants more asks again, so that no queue overflows.</summary>
    private void SendChunk(Link link, uint number, List<ReadOnlyMemory<byte>> updates)
    {
        var (count, bytes) = (0, 0);
        while (count < updates.Count && count < MeshProtocol.MaxChunkUpdates && bytes + updates[count].Length + LengthBytes <= ChunkBytes)
            bytes += updates[count++].Length + LengthBytes;
        near.Send(link, new SnapshotChunk(number, count == updates.Count, [.. updates.GetRange(0, count)]), Urgency.Data);
    }

    private bool AnyDiffers(ReadOnlySpan<ulong> others)
    {
        for (var bucket = 0; bucket < MeshProtocol.Buckets; bucket++)
        {
            if (map.Digest.Differs(bucket, others))
                return true;
        }

        return false;
    }
}
