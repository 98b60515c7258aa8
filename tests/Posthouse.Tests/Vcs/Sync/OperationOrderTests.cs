using Posthouse.Vcs.Sync;
using Shouldly;
using Xunit;
using static Posthouse.Vcs.Sync.OperationKind;
using static Posthouse.Vcs.Sync.OperationPhase;

namespace Posthouse.Tests.Vcs.Sync;

public sealed class OperationOrderTests
{
    [Fact]
    public void A_release_waits_for_every_earlier_push_and_exchange_of_comments()
    {
        var decision = Decide([Op("p", Push, "main"), Op("c", Comments, ""), Op("f", Pull, "main")], Op("r", Release, "x"));

        decision.After.ShouldBe(["p", "c"]);
        decision.Superseded.ShouldBeEmpty();
        decision.IsNeedless.ShouldBeFalse();
    }

    [Fact]
    public void A_release_waits_for_a_push_that_failed_too() =>
        Decide([Op("p", Push, "main", Failed)], Op("r", Release, "x")).After.ShouldBe(["p"]);

    [Fact]
    public void An_acquire_and_a_release_with_nothing_between_are_both_needless()
    {
        var decision = Decide([Op("a", Acquire, "x"), Op("n", Renew, "x")], Op("r", Release, "x"));

        decision.Superseded.ShouldBe(["a", "n"]);
        decision.IsNeedless.ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_lock_whose_acquire_may_have_arrived_is_given_back(bool hasFailed)
    {
        var decision = Decide([Op("a", Acquire, "x", hasFailed ? Failed : Waiting) with { MayHaveArrived = true }], Op("r", Release, "x"));

        decision.Superseded.ShouldBeEmpty();
        decision.IsNeedless.ShouldBeFalse();
    }

    [Fact]
    public void A_pull_in_another_way_goes_in_the_place_of_one_that_waits_and_behind_one_that_runs()
    {
        Decide([Op("f", Pull, "main")], Op("r", Pull, "main") with { Rebases = true }).Replaced.ShouldBe(["f"]);
        Decide([Op("f", Pull, "main", Running)], Op("r", Pull, "main") with { Rebases = true }).After.ShouldBe(["f"]);
        Decide([Op("f", Pull, "main"), Op("o", Pull, "other") with { Rebases = true }], Op("g", Pull, "main")).Replaced.ShouldBeEmpty();
    }

    [Fact]
    public void Two_acquires_of_one_lock_go_with_its_release() =>
        Decide([Op("a", Acquire, "x"), Op("b", Acquire, "x")], Op("r", Release, "x")).Superseded.ShouldBe(["a", "b"]);

    [Fact]
    public void With_a_push_between_acquire_push_and_release_are_all_kept()
    {
        var decision = Decide([Op("a", Acquire, "x"), Op("p", Push, "main")], Op("r", Release, "x"));

        decision.Superseded.ShouldBeEmpty();
        decision.After.ShouldBe(["a", "p"]);
        decision.IsNeedless.ShouldBeFalse();
    }

    [Fact]
    public void A_push_that_takes_no_locks_along_does_not_keep_them() =>
        Decide([Op("a", Acquire, "x"), Op("p", Push, "main") with { IsFenced = false }], Op("r", Release, "x")).IsNeedless.ShouldBeTrue();

    [Fact]
    public void A_lock_that_is_held_from_before_is_given_back_though_its_second_acquire_is_needless()
    {
        var decision = OperationOrder.Decide([Op("a", Acquire, "x")], Op("r", Release, "x"), holds: true);

        decision.Superseded.ShouldBe(["a"]);
        decision.After.ShouldBeEmpty();
        decision.IsNeedless.ShouldBeFalse();
    }

    [Fact]
    public void A_running_acquire_is_never_taken_back_and_its_release_waits_for_it()
    {
        var decision = Decide([Op("a", Acquire, "x", Running)], Op("r", Release, "x"));

        decision.Superseded.ShouldBeEmpty();
        decision.After.ShouldBe(["a"]);
    }

    [Fact]
    public void The_release_of_a_lock_whose_acquire_failed_is_needless_and_the_failure_stays()
    {
        var decision = Decide([Op("a", Acquire, "x", Failed)], Op("r", Release, "x"));

        decision.IsNeedless.ShouldBeTrue();
        decision.Superseded.ShouldBeEmpty();
        decision.Replaced.ShouldBeEmpty();
    }

    [Fact]
    public void A_lock_that_is_asked_for_again_waits_once()
    {
        var again = Decide([Op("1", Acquire, "x"), Op("p", Push, "main")], Op("2", Acquire, "x"));
        again.Replaced.ShouldBe(["1"]);
        again.After.ShouldBeEmpty();
        Decide([Op("1", Acquire, "y")], Op("2", Acquire, "x")).Replaced.ShouldBeEmpty();
        Decide([Op("1", Acquire, "x", Running)], Op("2", Acquire, "x")).Replaced.ShouldBeEmpty();
        Decide([Op("1", Acquire, "x"), Op("r", Release, "x")], Op("2", Acquire, "x")).Replaced.ShouldBeEmpty();
        Decide([Op("1", Acquire, "x") with { MayHaveArrived = true }], Op("2", Acquire, "x")).Replaced.ShouldBeEmpty();
    }

    [Fact]
    public void A_release_that_waits_is_found_by_the_next_one_unless_something_came_in_between()
    {
        var again = Decide([Op("p", Push, "main"), Op("r", Release, "x")], Op("s", Release, "x"));
        again.Same.ShouldBe("r");
        again.After.ShouldBeEmpty();
        Decide([Op("r", Release, "x") with { LockId = "1" }], Op("s", Release, "x")).Same.ShouldBe("r");
        Decide([Op("r", Release, "x") with { LockId = "1" }], Op("s", Release, "x") with { LockId = "2" }).Same.ShouldBeNull();
        Decide([Op("r", Release, "y")], Op("s", Release, "x")).Same.ShouldBeNull();
        Decide([Op("r", Release, "x", Failed)], Op("s", Release, "x")).Same.ShouldBeNull();
        Decide([Op("r", Release, "x", Running)], Op("s", Release, "x")).Same.ShouldBeNull();
        Decide([Op("r", Release, "x"), Op("p", Push, "main")], Op("s", Release, "x")).Same.ShouldBeNull();
        Decide([Op("r", Release, "x"), Op("a", Acquire, "x", Running)], Op("s", Release, "x")).Same.ShouldBeNull();
    }

    [Fact]
    public void Of_repeated_renewals_and_pushes_the_last_stays()
    {
        Decide([Op("1", Renew, "x")], Op("2", Renew, "x")).Superseded.ShouldBe(["1"]);
        Decide([Op("1", Renew, "y")], Op("2", Renew, "x")).Superseded.ShouldBeEmpty();
        Decide([Op("1", Renew, "x") with { Adds = true }], Op("2", Renew, "x") with { Adds = true }).Superseded.ShouldBeEmpty();
        Decide([Op("1", Push, "main")], Op("2", Push, "main")).Superseded.ShouldBe(["1"]);
        Decide([Op("1", Push, "other")], Op("2", Push, "main")).Superseded.ShouldBeEmpty();
        Decide([Op("1", Push, "main", Running)], Op("2", Push, "main")).Superseded.ShouldBeEmpty();
    }

    [Fact]
    public void A_push_before_a_release_is_not_merged_into_one_behind_it()
    {
        var decision = Decide([Op("1", Push, "main"), Op("r", Release, "x")], Op("2", Push, "main"));

        decision.Superseded.ShouldBeEmpty();
        decision.After.ShouldBe(["1"]);
    }

    [Fact]
    public void A_push_waits_for_the_locks_that_were_asked_for_before_it_also_where_that_failed() =>
        Decide([Op("a", Acquire, "x"), Op("b", Acquire, "y", Failed), Op("f", Pull, "main"), Op("g", Pull, "other")], Op("p", Push, "main")).After.ShouldBe(["a", "b", "f"]);

    [Fact]
    public void A_push_without_locks_waits_for_none() =>
        Decide([Op("a", Acquire, "x")], Op("p", Push, "main") with { IsFenced = false }).After.ShouldBeEmpty();

    [Fact]
    public void An_acquire_and_a_renewal_overtake_pulls_comments_and_pushes_but_nothing_of_their_own_lock()
    {
        OrderedOperation[] open = [Op("f", Pull, "main"), Op("c", Comments, ""), Op("p", Push, "main"), Op("r", Release, "x"), Op("s", Release, "y")];

        Decide(open, Op("a", Acquire, "x")).After.ShouldBe(["r"]);
        Decide(open, Op("n", Renew, "y")).After.ShouldBe(["s"]);
        Decide(open, Op("b", Break, "z")).After.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_asked_for_again_goes_in_the_place_of_what_failed()
    {
        Decide([Op("a", Acquire, "x", Failed)], Op("b", Acquire, "x")).Replaced.ShouldBe(["a"]);
        Decide([Op("a", Acquire, "x", Failed)], Op("b", Acquire, "x")).After.ShouldBeEmpty();
        Decide([Op("p", Push, "main", Failed), Op("r", Release, "x")], Op("q", Push, "main")).Replaced.ShouldBe(["p"]);
        Decide([Op("a", Acquire, "x", Failed), Op("p", Push, "main"), Op("r", Release, "x"), Op("b", Acquire, "x")], Op("c", Acquire, "x")).Replaced.ShouldBe(["b"]);
    }

    [Fact]
    public void A_failed_acquire_takes_with_it_what_waits_for_that_lock_alone_up_to_the_next_push()
    {
        OperationOrder.NeedlessAfterFailedAcquire([Op("n", Renew, "x"), Op("o", Release, "y"), Op("r", Release, "x")], "x").ShouldBe(["n", "r"]);
        OperationOrder.NeedlessAfterFailedAcquire([Op("p", Push, "main"), Op("r", Release, "x")], "x").ShouldBeEmpty();
    }

    /// <summary>Ten thousand random histories: whatever was queued, running, failed or needless, the laws of the order hold.</summary>
    [Fact]
    public void Random_sequences_keep_the_laws()
    {
        for (var seed = 1; seed <= 10_000; seed++) { new RandomHistory(seed).Run(); }
    }

    private static OrderDecision Decide(IReadOnlyList<OrderedOperation> open, OrderedOperation next) => OperationOrder.Decide(open, next, holds: false);

    private static OrderedOperation Op(string id, OperationKind kind, string target, OperationPhase phase = Waiting) => new(id, kind, target) { Phase = phase };

    /// <summary>A queue that grows by random operations; edges are kept as the core keeps them.</summary>
    private sealed class RandomHistory(int seed)
    {
        private readonly List<OrderedOperation> _open = [];
        private readonly Dictionary<string, HashSet<string>> _after = [];
        private uint _state = (uint)seed * 2_654_435_761;

        public void Run()
        {
            for (var step = 0; step < 12; step++)
            {
                if (_open.Count > 0 && Draw(3) == 0) { Change(); }
                Add(step);
            }
        }

        private void Add(int step)
        {
            var kind = (OperationKind)Draw(7);
            var target = kind is Push or Pull ? (Draw(2) == 0 ? "main" : "other") : kind is Comments ? "" : (Draw(2) == 0 ? "x" : "y");
            var next = new OrderedOperation($"{seed}/{step}", kind, target) { IsFenced = Draw(4) > 0, Adds = Draw(4) == 0 };
            var before = _open.ToList();
            var decision = OperationOrder.Decide(before, next, holds: Draw(2) == 0);
            Check(before, next, decision);
            if (decision.Same is not null) { return; }

            bool IsBefore(string id) => !decision.Replaced.Any(taken => taken == id || Waits(id, taken));
            var behind = before.Where(operation => !IsBefore(operation.Id)).ToList();
            var after = decision.After.Where(IsBefore).ToList();
            var inherited = decision.Superseded.SelectMany(id => _after[id]).Where(IsBefore).ToList();
            var followers = decision.Replaced.SelectMany(id => _after.Where(edge => edge.Value.Contains(id)).Select(edge => edge.Key)).Distinct().ToList();
            foreach (var id in decision.Superseded.Concat(decision.Replaced)) { Remove(id); }
            if (decision.IsNeedless) { return; }

            _after[next.Id] = [.. after, .. inherited.Where(_after.ContainsKey)];
            _open.Add(next);
            foreach (var follower in followers.Where(_after.ContainsKey)) { _after[follower].Add(next.Id); }
            _after.Keys.ShouldAllBe(id => !Waits(id, id), $"seed {seed}");
            CheckKept([.. before.Except(behind)], next);
        }

        private void Check(List<OrderedOperation> before, OrderedOperation next, OrderDecision decision)
        {
            decision.After.ShouldBe(decision.After.Where(id => before.Any(operation => operation.Id == id)), $"seed {seed}");
            decision.After.Intersect(decision.Superseded.Concat(decision.Replaced)).ShouldBeEmpty($"seed {seed}");
            foreach (var id in decision.Superseded) { before.Single(operation => operation.Id == id).Phase.ShouldBe(Waiting, $"seed {seed}"); }
            foreach (var replaced in decision.Replaced.Select(id => before.Single(operation => operation.Id == id)))
            {
                (replaced.Kind, replaced.Target).ShouldBe((next.Kind, next.Target), $"seed {seed}");
                replaced.Phase.ShouldBe(next.Kind is Acquire && replaced.Phase is Waiting ? Waiting : Failed, $"seed {seed}");
            }

            if (decision.IsNeedless) { next.Kind.ShouldBe(Release, $"seed {seed}"); }
            if (decision.Same is { } same) { before.Single(operation => operation.Id == same).ShouldSatisfyAllConditions(one => (one.Kind, one.Target).ShouldBe((Release, next.Target)), one => next.Kind.ShouldBe(Release)); }
        }

        private void CheckKept(List<OrderedOperation> before, OrderedOperation next)
        {
            foreach (var earlier in before.Where(operation => _after.ContainsKey(operation.Id)))
            {
                var mustWait = (next.Kind is Release && earlier.Kind is Push or Comments)
                    || (next.IsLock && earlier.IsLock && earlier.Target == next.Target && earlier.Phase is not Failed)
                    || (next is { Kind: Push, IsFenced: true } && earlier.Kind is Acquire);
                if (mustWait) { Waits(next.Id, earlier.Id).ShouldBeTrue($"seed {seed}: {next} must not overtake {earlier}"); }
            }
        }

        /// <summary>Something of the queue moves on: an operation begins, arrives or fails.</summary>
        private void Change()
        {
            var at = (int)Draw((uint)_open.Count);
            var operation = _open[at];
            if (operation.Phase is Waiting && _after[operation.Id].Count == 0) { _open[at] = operation with { Phase = Running }; }
            else if (operation.Phase is Running && Draw(2) == 0) { _open[at] = operation with { Phase = Failed }; }
            else if (operation.Phase is Running) { Remove(operation.Id); }
        }

        private void Remove(string id)
        {
            var mine = _after[id];
            _after.Remove(id);
            _open.RemoveAll(operation => operation.Id == id);
            foreach (var edges in _after.Values.Where(edges => edges.Remove(id))) { edges.UnionWith(mine); }
        }

        private bool Waits(string id, string target, int depth = 0) =>
            depth < 100 && _after.GetValueOrDefault(id, []).Any(before => before == target || Waits(before, target, depth + 1));

        private uint Draw(uint below)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return _state % below;
        }
    }
}
