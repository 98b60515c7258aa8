using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class SequenceWindowTests
{
    private static readonly NodeId Source = new TagKey(1).Public.Id;
    private readonly SequenceWindow _window = new();

    [Fact]
    public void Late_messages_are_taken_once_and_replays_never()
    {
        Mark(1, 300).ShouldBe(Refusal.None);
        Mark(1, 300).ShouldBe(Refusal.Replayed);
        Mark(1, 45).ShouldBe(Refusal.None);
        Mark(1, 45).ShouldBe(Refusal.Replayed);
        Mark(1, 44).ShouldBe(Refusal.BehindWindow);
        Mark(1, 301).ShouldBe(Refusal.None);
        Mark(1, 45).ShouldBe(Refusal.BehindWindow);
        _window.Newest(Source).ShouldBe(new Stamp(1, 301));
    }

    [Fact]
    public void A_new_epoch_begins_anew_and_an_old_one_is_a_ghost()
    {
        Mark(5, 1_000);
        Mark(6, 1).ShouldBe(Refusal.None);
        Mark(5, 1_001).ShouldBe(Refusal.EpochOld);
        Mark(6, 1).ShouldBe(Refusal.Replayed);
        Mark(6, 2).ShouldBe(Refusal.None);
    }

    [Fact]
    public void What_was_known_before_a_restart_is_not_taken_again()
    {
        _window.Raise(Source, new Stamp(4, 100));
        Mark(4, 100).ShouldBe(Refusal.Replayed);
        Mark(4, 50).ShouldBe(Refusal.Replayed);
        Mark(4, 101).ShouldBe(Refusal.None);
        _window.Raise(Source, new Stamp(4, 7));
        _window.Newest(Source).ShouldBe(new Stamp(4, 101));
    }

    [Fact]
    public void It_agrees_with_a_list_of_everything_taken()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var window = new SequenceWindow();
            var taken = new HashSet<Stamp>();
            var newest = default(Stamp);
            for (var step = 0; step < 400; step++)
            {
                var around = random.Next(10) == 0 ? (long)newest.Seq + random.Next(-600, 900) : (long)newest.Seq + random.Next(-300, 40);
                var stamp = new Stamp(random.Next(60) == 0 ? newest.Epoch + (uint)random.Next(3) : newest.Epoch, (ulong)Math.Max(1, around));
                var expected = step == 0 ? Refusal.None
                    : stamp.Epoch < newest.Epoch ? Refusal.EpochOld
                    : stamp.Epoch == newest.Epoch && stamp.Seq + 256 <= newest.Seq ? Refusal.BehindWindow
                    : taken.Contains(stamp) ? Refusal.Replayed
                    : Refusal.None;
                window.TryMark(Source, stamp).ShouldBe(expected, $"seed {seed} step {step}: {stamp} after {newest}");
                taken.Add(stamp);
                newest = stamp.CompareTo(newest) > 0 ? stamp : newest;
            }
        }
    }

    [Fact]
    public void Signers_are_bounded_and_the_ones_heard_lately_stay()
    {
        Mark(1, 10);
        for (ulong stranger = 2; stranger < 12_000; stranger++)
        {
            _window.TryMark(new TagKey(stranger).Public.Id, new Stamp(1, 1));
            if (stranger % 1_000 == 0)
                Mark(1, 10).ShouldBe(Refusal.Replayed);
        }

        _window.Sources.ShouldBeLessThanOrEqualTo(SequenceWindow.MaxSources);
        Mark(1, 10).ShouldBe(Refusal.Replayed);
    }

    private Refusal Mark(uint epoch, ulong seq) => _window.TryMark(Source, new Stamp(epoch, seq));
}
