using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Postgres.Bulk;

/// <summary>An enqueue whose jobs may be admitted together with those of others.</summary>
internal abstract class EnqueueOperation(IReadOnlyList<JobDraft> drafts) : IOperation
{
    public IReadOnlyList<JobDraft> Drafts => drafts;

    /// <summary>The jobs were admitted beforehand, as new ones.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>Whether all of them are plain, and there is one.</summary>
    public bool IsMergeable { get; } = drafts.Count > 0 && drafts.All(draft => draft.IsPlain);

    public bool NeedsSavepoint => drafts.Count > 1;

    public int Weight => drafts.Count;

    public void Run(Group group) => Answer(IsAdmitted
        ? [.. drafts.Select(draft => new Admission(draft.Id, AdmissionKind.Accepted, draft.Optimistic))]
        : [.. drafts.Select(draft => Admit.One(group, draft))]);

    public abstract void Complete();

    public abstract void Fail(Exception error);

    protected abstract void Answer(IReadOnlyList<Admission> admissions);
}

/// <summary>An enqueue whose caller awaits something made of the admissions.</summary>
internal sealed class EnqueueOperation<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape) : EnqueueOperation(drafts)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _value = default!;

    public Task<T> Task => _answer.Task;

    public override void Complete() => _answer.TrySetResult(_value);

    public override void Fail(Exception error) => _answer.TrySetException(error);

    protected override void Answer(IReadOnlyList<Admission> admissions) => _value = shape(admissions);
}
