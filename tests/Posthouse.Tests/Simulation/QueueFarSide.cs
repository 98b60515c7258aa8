using Posthouse.Jobs;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// The other end of the simulated jobs. It records an effect once for each idempotency key, and until it is healed it gives
/// every answer that a far side gives: busy, throttled, no credentials, an error after the effect, an error before it.
/// </summary>
internal sealed class QueueFarSide(Sim sim)
{
    private readonly Dictionary<JobId, int> _effects = [];

    /// <summary>Whether it answers every call it can.</summary>
    public bool IsHealed { get; set; }

    /// <summary>How often each key arrived; it took effect the first time.</summary>
    public IReadOnlyDictionary<JobId, int> Effects => _effects;

    /// <summary>One call: the status, and the seconds of a Retry-After.</summary>
    public (int Status, int? RetryAfter) Serve(JobId key, SimJob job)
    {
        if (job.Mood is Mood.Rejected)
            return (422, null);
        var draw = IsHealed ? 1 : sim.Random.NextDouble();
        switch (draw)
        {
            case < 0.05: return (429, sim.Random.Next(0, 3));
            case < 0.08: return (503, null);
            case < 0.11: return (401, null);
            case < 0.13: return (409, null);
            case < 0.16: return (500, null);
        }

        var times = _effects.GetValueOrDefault(key) + 1;
        _effects[key] = times;
        sim.Reach(times == 1 ? "effect" : "effect asked for again");
        return (draw < 0.20 ? 500 : 200, null);
    }
}
