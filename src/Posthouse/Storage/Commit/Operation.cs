namespace Posthouse.Storage.Commit;

/// <summary>Something to be done in the next group. It is run, then the group commits, then it is answered.</summary>
internal interface IOperation
{
    /// <summary>Whether a failure half-way can be told apart only by a savepoint; false saves two statements.</summary>
    bool NeedsSavepoint { get; }

    /// <summary>About how many rows it writes; a group is bounded by the sum.</summary>
    int Weight { get; }

    /// <summary>Does the work inside the group's transaction. May run again, of which the last run counts.</summary>
    void Run(Group group);

    /// <summary>The group is on disk.</summary>
    void Complete();

    /// <summary>The work was undone, or (UNKNOWN) may have happened.</summary>
    void Fail(Exception error);
}

/// <summary>An operation whose caller awaits a value.</summary>
internal sealed class Operation<T>(Func<Group, T> work, bool needsSavepoint = true, int weight = 1)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IOperation
{
    private T _value = default!;

    public bool NeedsSavepoint => needsSavepoint;

    public int Weight => weight;

    public void Run(Group group) => _value = work(group);

    public void Complete() => TrySetResult(_value);

    public void Fail(Exception error) => TrySetException(error);
}
