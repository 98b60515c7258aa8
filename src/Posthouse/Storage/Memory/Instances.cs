using System.Globalization;
using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>Who dispatches from this store, and who of them is gone.</summary>
internal sealed class Instances(IIds ids, Settling settling, Leasing leasing)
{
    private readonly Dictionary<InstanceId, Action> _hints = [];
    private readonly HashSet<InstanceId> _gone = [];

    public InstanceId Join(Action hint)
    {
        TakeOver();
        var instance = new InstanceId(ids.NextUInt64().ToString("x16", CultureInfo.InvariantCulture));
        _hints.Add(instance, hint);
        return instance;
    }

    public void Leave(InstanceId instance)
    {
        settling.HeldBy(instance).ForEach(settling.Return);
        _hints.Remove(instance);
    }

    /// <summary>What a dead process would look like. One process cannot lose a part of itself, so a test has to say so.</summary>
    public void DeclareGone(InstanceId instance) => _gone.Add(instance);

    /// <summary>Treats the leases of those that are gone as lost, at once; returns how many there were.</summary>
    public int TakeOver()
    {
        var lost = _gone.SelectMany(settling.HeldBy).ToList();
        lost.ForEach(leasing.Lose);
        foreach (var instance in _gone)
        {
            _hints.Remove(instance);
        }

        _gone.Clear();
        return lost.Count;
    }

    public Action? HintOf(InstanceId instance) => _hints.GetValueOrDefault(instance);
}
