using Posthouse.Mesh.Diagnostics;

namespace Posthouse.Mesh.Network;

/// <summary>
/// Tells what happens to providers, each change once. One that comes and goes is told to flap, and then nothing more until it has been
/// steady for a while; what is true of it goes on to be tracked, for an outage must be seen whoever causes it.
/// </summary>
internal sealed class ProviderNews(MembershipOptions options, MeshFacts facts)
{
    /// <summary>Tells that a provider rose or fell.</summary>
    /// <param name="record">Of whom.</param>
    /// <param name="fact">What.</param>
    /// <param name="counts">Whether it counts towards flapping; discoveries and goodbyes do not.</param>
    /// <param name="now">The steady time.</param>
    public void Announce(ProviderRecord record, MeshFact fact, bool counts, TimeSpan now)
    {
        if (counts && record.NoteChange(now, options.FlapWindow) && record.HeldUntil is null)
        {
            record.HeldUntil = now;
            facts.Tell(new ProviderFlapping(record.Id));
        }

        if (record.HeldUntil is not null)
        {
            record.HeldUntil = now + options.HoldDown;
            return;
        }

        record.ToldActive = record.IsAlive;
        facts.Tell(fact);
    }

    /// <summary>Ends the silence about one that has been steady, and tells what it came to, if that is news.</summary>
    /// <returns>Whether the silence ended.</returns>
    public bool Release(ProviderRecord record, TimeSpan now)
    {
        if (record.HeldUntil is not { } until || now < until)
        {
            return false;
        }

        record.HeldUntil = null;
        if (record.IsAlive != record.ToldActive)
        {
            record.ToldActive = record.IsAlive;
            facts.Tell(record.IsAlive ? new ProviderReconnected(record.Id, record.OfflineFor) : new ProviderDisconnected(record.Id, record.GoneReason));
        }

        return true;
    }

    /// <summary>Judges anew whether a provider delivers.</summary>
    /// <returns>Whether that changed.</returns>
    public bool Regrade(ProviderRecord record)
    {
        var isDegraded = record.IsAlive && (record.SaysDegraded || record.Missed >= options.MissedSlots);
        if (isDegraded == record.IsDegraded)
        {
            return false;
        }

        record.IsDegraded = isDegraded;
        facts.Tell(isDegraded ? new ProviderDegraded(record.Id, record.SaysDegraded) : new ProviderHealed(record.Id));
        return true;
    }
}
