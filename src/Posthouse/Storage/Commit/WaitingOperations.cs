namespace Posthouse.Storage.Commit;

/// <summary>What waits for the next group. Whatever is put in is taken or refused, also when that happens while the store is closed.</summary>
internal sealed class WaitingOperations
{
    private readonly Lock _lock = new();
    private List<IOperation> _waiting = [];
    private long _weight;
    private Exception? _closed;

    public bool Any
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Puts an operation at the end, or refuses it when closed. Any thread.</summary>
    public void Add(IOperation operation)
    {
        lock (_lock)
        {
            if (_closed is null)
            {
                _waiting.Add(operation);
                _weight += operation.Weight;
            }
            else
            {
                operation.Fail(_closed);
            }
        }
    }

    /// <summary>Takes what waits, from the front, into an empty group; true when more waits.</summary>
    /// <param name="group">Empty; the operations taken.</param>
    /// <param name="most">Their weights' sum at most. The first goes in whatever it weighs, or it would wait for ever.</param>
    public bool Take(ref List<IOperation> group, long most)
    {
        lock (_lock)
        {
            if (_weight <= most)
            {
                (group, _waiting) = (_waiting, group);
                _weight = 0;
                return false;
            }

            var (count, weight) = (1, (long)_waiting[0].Weight);
            while (count < _waiting.Count && weight + _waiting[count].Weight <= most)
            {
                weight += _waiting[count++].Weight;
            }

            group.AddRange(_waiting.GetRange(0, count));
            _waiting.RemoveRange(0, count);
            _weight -= weight;
            return _waiting.Count > 0;
        }
    }

    /// <summary>Refuses everything that still waits and that comes later.</summary>
    public void Close(Exception reason)
    {
        lock (_lock)
        {
            _closed = reason;
            _waiting.ForEach(operation => operation.Fail(reason));
            _waiting.Clear();
            _weight = 0;
        }
    }
}
