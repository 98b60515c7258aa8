namespace Posthouse.Tests.Simulation.Kernel;

public sealed class SeedRunnerTests
{
    private const int Seeds = 300;

    [Fact]
    public void The_sample_without_a_bug_passes_and_reaches_what_it_should() =>
        Sample(PlantedBug.None).Run(0, Seeds).ShouldBeClean(
            "lease taken over", "effect asked for again", "zombie refused",
            "fault Crash", "fault Pause", "fault Cut", "fault Outage", "fault RequestLost", "fault ReplyLost", "fault RequestTwice");

    [Theory]
    [InlineData(PlantedBug.ZombieMayFinish, "job# was finished by a holder that had lost it")]
    [InlineData(PlantedBug.EffectTwice, "the effect of job# happened twice")]
    [InlineData(PlantedBug.WorkerGivesUp, "jobs are left after all faults are healed")]
    public void A_planted_bug_is_found_and_its_seed_shows_it_again(PlantedBug bug, string broken)
    {
        var runner = Sample(bug);

        var seed = runner.FirstFailingSeed(0, Seeds).ShouldNotBeNull();
        var report = runner.Run(seed, 1);

        report.Failures.Keys.ShouldHaveSingleItem().ShouldBe(broken);
        report.Failures[broken].FirstSeed.ShouldBe(seed);
        report.Unstable.ShouldBeEmpty();
        runner.Replay(seed).ShouldBe(runner.Replay(seed));
        Should.Throw<Xunit.Sdk.XunitException>(() => report.ShouldBeClean()).Message.ShouldContain($"seed {seed}");
    }

    [Fact]
    public void Shrinking_keeps_only_faults_without_which_the_seed_does_not_fail()
    {
        var runner = Sample(PlantedBug.EffectTwice);
        var seed = runner.FirstFailingSeed(0, Seeds).ShouldNotBeNull();

        var needed = runner.Shrink(seed);

        needed.On.Count().ShouldBeLessThan(Swarm.Draw(seed).On.Count());
        runner.Replay(seed, needed).ShouldContain("happened twice");
    }

    [Fact]
    public void What_comes_from_outside_the_seed_is_reported_as_unstable()
    {
        var calls = 0;
        var runner = new SeedRunner(sim =>
        {
            sim.Mark($"call {++calls}");
            sim.Run(TimeSpan.FromSeconds(1));
        });

        var report = runner.Run(10, 60);

        report.Unstable.ShouldBe([10, 60]);
        report.ToString().ShouldContain(SimulationFailure.Nondeterminism);
    }

    [Fact]
    public void Runs_that_never_reach_a_named_event_are_too_tame()
    {
        var report = new SeedRunner(sim => sim.Reach("something")).Run(0, 3);

        report.ShouldBeClean("something");
        Should.Throw<Xunit.Sdk.XunitException>(() => report.ShouldBeClean("something else")).Message.ShouldContain("something else");
    }

    [Fact]
    public void Each_seed_draws_its_own_faults_and_prints_them_in_one_line()
    {
        Swarm.Draw(3).ToString().ShouldBe(Swarm.Draw(3).ToString());
        Enumerable.Range(0, 50).Select(seed => Swarm.Draw(seed).ToString()).Distinct().Count().ShouldBeGreaterThan(45);
        foreach (var fault in Enum.GetValues<Fault>())
            Enumerable.Range(0, 400).Count(seed => Swarm.Draw(seed)[fault] > 0).ShouldBeInRange(140, 260);
        Swarm.Calm.ToString().ShouldBe("calm");
        Swarm.Calm.With(Fault.Crash, 0.5).ToString().ShouldBe("Crash=0.5");
    }

    private static SeedRunner Sample(PlantedBug bug) => new(sim => LeaseQueueSample.Run(sim, bug));
}
