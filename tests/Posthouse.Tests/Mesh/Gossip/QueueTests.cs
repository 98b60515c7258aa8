using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

/// <summary>What waits for one peer, and what is kept for those who ask.</summary>
public sealed class QueueTests
{
    private readonly QueueDrops _drops = new();
    private readonly OutQueue _queue;
    private readonly MessageCache _cache = new();

    public QueueTests() => _queue = new(_drops);

    [Fact]
    public void Control_goes_first_and_each_in_its_order()
    {
        _queue.Add(Frame(1), Urgency.Data, At(0));
        _queue.Add(Frame(2), Urgency.Data, At(0));
        _queue.Add(Frame(3), Urgency.Control, At(0));
        Drained(At(0)).ShouldBe([3, 1, 2]);
        (_queue.Count, _queue.Bytes).ShouldBe((0, 0));
    }

    [Fact]
    public void A_full_queue_drops_its_oldest_and_counts()
    {
        for (var frame = 0; frame < OutQueue.MaxFrames; frame++)
            _queue.Add(Frame((byte)(frame & 1)), Urgency.Data, At(0)).ShouldBe(0);
        _queue.Add(Frame(9), Urgency.Data, At(0)).ShouldBe(1);
        _queue.Add(Frame(8), Urgency.Control, At(0)).ShouldBe(0);
        (_queue.DroppedFull, _drops[Urgency.Data, false], _drops[Urgency.Control, false]).ShouldBe((1, 1, 0));
        var drained = Drained(At(0));
        drained.Count.ShouldBe(OutQueue.MaxFrames + 1);
        (drained[0], drained[1], drained[^1]).ShouldBe(((byte)8, (byte)1, (byte)9));
    }

    [Fact]
    public void Bytes_are_bounded_too()
    {
        for (var frame = 0; frame < 10; frame++)
            _queue.Add(new byte[60 * 1024], Urgency.Data, At(0));
        _queue.Bytes.ShouldBeLessThanOrEqualTo(OutQueue.MaxBytes);
        _queue.DroppedFull.ShouldBe(6);
    }

    [Fact]
    public void A_frame_that_waited_three_heartbeats_is_not_sent()
    {
        _queue.Add(Frame(1), Urgency.Data, At(0));
        _queue.Add(Frame(2), Urgency.Data, At(2));
        Drained(At(4)).ShouldBe([2]);
        (_queue.DroppedLate, _drops[Urgency.Data, true], _drops[Urgency.Control, true]).ShouldBe((1, 1, 0));
    }

    [Fact]
    public void A_message_is_told_of_for_three_heartbeats_and_answered_for_five()
    {
        _cache.Put(Id(1), Frame(1));
        for (var heartbeat = 0; heartbeat < 6; heartbeat++)
        {
            var ids = new List<MessageId>();
            _cache.AddGossipIds(ids);
            ids.Count.ShouldBe(heartbeat < 3 ? 1 : 0, $"heartbeat {heartbeat}");
            _cache.TryGet(Id(1), out _).ShouldBe(heartbeat < 5, $"heartbeat {heartbeat}");
            _cache.Shift();
        }

        _cache.Count.ShouldBe(0);
    }

    [Fact]
    public void A_message_put_twice_is_kept_once()
    {
        _cache.Put(Id(1), Frame(1));
        _cache.Put(Id(1), Frame(2));
        _cache.TryGet(Id(1), out var frame).ShouldBeTrue();
        frame.Span[0].ShouldBe((byte)1);
        _cache.Count.ShouldBe(1);
    }

    [Fact]
    public void What_is_kept_is_bounded_and_counted()
    {
        for (var message = 0; message < MessageCache.MaxMessages + 10; message++)
            _cache.Put(Id(message), Frame(0));
        (_cache.Count, _cache.Evicted).ShouldBe((MessageCache.MaxMessages, 10L));
        _cache.TryGet(Id(9), out _).ShouldBeFalse();
        for (var message = 0; message < 20; message++)
            _cache.Put(Id(100_000 + message), new byte[1024 * 1024]);
        _cache.Count.ShouldBeLessThanOrEqualTo(16);
    }

    private List<byte> Drained(TimeSpan now)
    {
        var drained = new List<byte>();
        while (_queue.TryTake(now, out var frame))
            drained.Add(frame.Span[0]);
        return drained;
    }

    private static MessageId Id(int number) => new((UInt128)number);

    private static byte[] Frame(byte first) => [first, 0, 0];

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}
