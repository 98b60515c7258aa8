namespace Posthouse.Storage.Commit;

/// <summary>What waits for the next group. Whatever is put in is taken or refused, also when that happens while the store is closed.</summary>
internal sealed class WaitingOperations
{
    private readonly Lock _lock = new();
    private List<IOperation> _waiting = [];
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
            }
            else
            {
                operation.Fail(_closed);
            }
        }
    }

    /// <summary>Takes what waits, from the front, into an empty group; true when more waits.</summary>
    public bool Take(ref List<IOperation> group, int most)
    {
        lock (_lock)
        {
            if (_waiting.Count <= most)
            {
                (group, _waiting) = (_waiting, group);
            }
            else
            {
                group.AddRange(_waiting.GetRange(0, most));
                _waiting.RemoveRange(0, most);
            }

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
        }
    }
}
