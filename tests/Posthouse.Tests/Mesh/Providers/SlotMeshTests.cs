using Posthouse.Mesh.Providers;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class SlotMeshTests
{
    private static readonly SlotOptions NoChecks = new() { CrossCheckEvery = 0 };

    [Theory]
    [Trait("Requirement", "2.1")]
    [Trait("Requirement", "2.5")]
    [Trait("Requirement", "11.1")]
    [Trait("Requirement", "11.2")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(50)]
    public void However_many_providers_there_are_each_slot_costs_one_fetch(int providers)
    {
        var mesh = new SlotMesh(providers, NoChecks);
        mesh.Run(TimeSpan.FromMinutes(10));
        mesh.Fetches.Count.ShouldBe(20);
        mesh.Fetches.Values.ShouldAllBe(fetches => fetches.Count == 1 && fetches[0].After <= TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public void Ten_providers_share_the_slots()
    {
        var mesh = new SlotMesh(10, NoChecks);
        mesh.Run(TimeSpan.FromMinutes(60));
        mesh.Fetches.Values.SelectMany(fetches => fetches).Select(fetch => fetch.By).Distinct().Count().ShouldBe(10);
    }

    [Fact]
    public void Every_twentieth_slot_three_fetch_so_that_they_can_be_compared()
    {
        var mesh = new SlotMesh(5);
        mesh.Run(TimeSpan.FromMinutes(20));
        mesh.Fetches.Count(slot => slot.Value.Count == 3).ShouldBe(2);
        mesh.Fetches.Where(slot => slot.Value.Count == 3).ShouldAllBe(slot => slot.Key % 20 == 0);
        mesh.Fetches.Values.Count(fetches => fetches.Count == 1).ShouldBe(38);
    }

    [Fact]
    public void When_the_first_crashes_the_second_takes_over_in_the_same_slot_after_one_grace()
    {
        var mesh = new SlotMesh(5, NoChecks);
        mesh.Crashed.Add(mesh.FirstOf(0));
        var second = mesh.FirstOf(1);
        mesh.Run(TimeSpan.FromSeconds(29));
        var fetch = mesh.Fetches[mesh.Slot].ShouldHaveSingleItem();
        fetch.By.ShouldBe(second);
        fetch.After.ShouldBeInRange(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1.75));
    }

    [Fact]
    public void When_the_first_two_crash_the_third_takes_over_after_two()
    {
        var mesh = new SlotMesh(5, NoChecks);
        mesh.Crashed.Add(mesh.FirstOf(0));
        mesh.Crashed.Add(mesh.FirstOf(1));
        mesh.Run(TimeSpan.FromSeconds(29));
        mesh.Fetches[mesh.Slot].ShouldHaveSingleItem().After.ShouldBeInRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.25));
    }

    [Fact]
    public void When_the_first_says_that_it_fails_the_second_does_not_wait_the_grace()
    {
        var mesh = new SlotMesh(5, NoChecks);
        var (first, second) = (mesh.FirstOf(0), mesh.FirstOf(1));
        mesh.Failing.Add(first);
        mesh.Run(TimeSpan.FromSeconds(29));
        var fetches = mesh.Fetches[mesh.Slot];
        fetches[1].By.ShouldBe(second);
        fetches[1].After.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        fetches.Count(fetch => fetch.By == second).ShouldBe(1);
        fetches.Count(fetch => fetch.By == first).ShouldBeLessThanOrEqualTo(2, "its tries end when another has delivered");
    }

    [Fact]
    public void A_provider_that_failed_looks_from_time_to_time_and_is_back_when_its_source_is()
    {
        var mesh = new SlotMesh(1, NoChecks);
        mesh.Failing.Add(0);
        mesh.Run(TimeSpan.FromMinutes(30));
        mesh.Fetches.Count.ShouldBe(1 + 5 + 2, "slots 0, then 1, 2, 4, 8, 16 after it, and 32, 48");
        mesh.Failing.Clear();
        mesh.Run(TimeSpan.FromMinutes(10));
        mesh.Fetches.ContainsKey(mesh.Slot - 1).ShouldBeTrue();
        mesh.Fetches.ContainsKey(mesh.Slot - 2).ShouldBeTrue();
    }
}
