namespace Posthouse.Storage;

/// <summary>
/// A lock inside one process that is handed over in the order of arrival, so that a busy group loop cannot pass a
/// waiting thread again and again. It belongs to no thread: whoever has it may let another thread give it back.
/// </summary>
internal sealed class FairLock
{
    private readonly LinkedList<Waiter> _waiting = [];
    private bool _held;

    /// <summary>How many threads wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_waiting)
                return _waiting.Count;
        }
    }

    /// <summary>Waits for the lock, at most this long. Returns whether it was had.</summary>
    public bool TryEnter(TimeSpan limit)
    {
        Waiter waiter;
        lock (_waiting)
        {
            if (!_held)
            {
                _held = true;
                return true;
            }

            waiter = new Waiter();
            _waiting.AddLast(waiter);
        }

        lock (waiter)
        {
            var start = RealTime.Mark();
            while (!waiter.Served)
            {
                var left = limit - RealTime.Since(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(waiter, left))
                    break;
            }
        }

        lock (_waiting)
        {
            // It may have been handed over just as the time ran out; then it is ours.
            if (!waiter.Served)
                _waiting.Remove(waiter);
            return waiter.Served;
        }
    }

    /// <summary>Gives the lock to the one who waits longest, or frees it.</summary>
    public void Exit()
    {
        Waiter next;
        lock (_waiting)
        {
            if (_waiting.First is null)
            {
                _held = false;
                return;
            }

            next = _waiting.First.Value;
            _waiting.RemoveFirst();
            next.Served = true;
        }

        lock (next)
            Monitor.Pulse(next);
    }

    private sealed class Waiter
    {
        public volatile bool Served;
    }
}
