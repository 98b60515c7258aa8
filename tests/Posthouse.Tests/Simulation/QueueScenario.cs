using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// One run: a client and one or two dispatchers on one file. First everything goes wrong that can, and nothing may be lost or
/// done twice; then the faults end, and everything must end within a bound; then decisions are made, and nothing may be left.
/// </summary>
internal static class QueueScenario
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Safety = TimeSpan.FromSeconds(12);

    /// <summary>
    /// What the slowest run may need once the faults ended: a probe a minute after the last one (60 s), a look at the clock
    /// (20 s), five attempts with their waits, a lease and the longest handler each (12 s), and three deaths for each of some
    /// jobs that end their process (5 s each).
    /// </summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60 + 20 + (5 * 12) + (3 * 4 * 5));

    // Whole hours, as time zones and machines that wake up are off by.
    private static readonly TimeSpan LongestJump = TimeSpan.FromHours(26);

    public static void Run(Sim sim, PlantedBug bug)
    {
        using var world = new QueueWorld(sim, bug);
        var jumps = sim.Faults[Fault.ClockJump];
        sim.Faults = sim.Faults.Without(Fault.ClockJump);
        var (client, worker) = (new QueueClient(world), new QueueWorker(world));
        sim.AddNode("client", client.RunAsync);
        for (var i = 0; i <= sim.Random.Next(2); i++)
            sim.AddNode($"worker{i}", worker.RunAsync);
        var chaos = new Chaos(sim, world.FarSide, QueueIntents.Alpha, QueueIntents.Beta);
        var checks = new QueueChecks(world);

        while (sim.Now < Safety)
        {
            sim.Run(sim.Now + Second);
            if (sim.Chance(jumps))
            {
                sim.Reach("fault ClockJump");
                world.Jump(sim.Between(-LongestJump, LongestJump));
            }

            checks.Snapshot();
        }

        chaos.Heal();
        (world.Effects.IsHealed, client.IsQuiet, worker.IsSteady) = (true, true, true);
        world.Jump(-sim.Nodes[0].WallClockSkew);
        Until(sim, () => client.IsContent && checks.NothingCanMove(), checks, "something is left to do after the faults ended");
        checks.WaitingIsJustified();
        client.Discards = true;
        Until(sim, () => client.IsContent && checks.NothingIsOpen(), checks, "something is open after every decision was made");
        checks.End();
    }

    private static void Until(Sim sim, Func<bool> holds, QueueChecks checks, string broken)
    {
        var by = sim.Now + Bound;
        while (!holds())
        {
            if (sim.Now >= by)
                checks.MarkOpen();
            sim.Check(sim.Now < by, broken);
            sim.Run(sim.Now + Second);
            checks.Snapshot();
        }
    }
}
