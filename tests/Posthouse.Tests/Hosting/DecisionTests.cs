using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Hosting;

/// <summary>What becomes of jobs that fail, are taken back or come twice, as an application sees it.</summary>
public sealed class DecisionTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    [Fact]
    public async Task A_poisoned_job_is_reported_and_arrives_when_it_is_retried()
    {
        await using var office = await OpenAsync();
        office.FarSide.Answer = (_, _) => Task.FromResult<Outcome<Receipt>>(Outcome.Retry("the far side stumbled"));
        var letter = await office.Queue.EnqueueAsync(new Letter("again"), new EnqueueOptions { Owner = "desk" });
        var ended = await letter.Completion.WaitAsync(Office.Patience);
        (ended.State, ended.Reason).ShouldBe((JobState.Dead, DeadReason.Poisoned));

        var failed = await office.EventAsync<JobAttemptFailed>("desk");
        (failed.Attempt, failed.IsFinal, failed.NextTry, failed.Failure.Message).ShouldBe((1, true, null, "the far side stumbled"));
        var dead = await office.EventAsync<JobDead>("desk");
        (dead.Id, dead.IsPoisoned, dead.Attempts, dead.Message).ShouldBe((letter.Id, true, 1, "the far side stumbled"));

        office.FarSide.Answer = new FarSide().Answer;
        await office.Queue.RetryAsync(letter.Id);
        var done = await office.EventAsync<JobDone>("desk");
        (done.Id, done.Result).ShouldBe((letter.Id, new Receipt("arrived: again")));
        (await office.EventAsync<JobRetried>("desk")).Position.ShouldBeInRange(dead.Position + 1, done.Position - 1);
    }

    [Fact]
    public async Task A_dead_job_retried_edited_arrives_under_a_new_key()
    {
        await using var office = await OpenAsync();
        office.FarSide.Answer = (text, _) => Task.FromResult<Outcome<Receipt>>(
            text.Length > 5 ? Outcome.Dead("too long") : new Receipt(text));
        var letter = await office.Queue.EnqueueAsync(new Letter("far too long"));
        (await letter.Completion.WaitAsync(Office.Patience)).Reason.ShouldBe(DeadReason.Rejected);

        var edited = await office.Queue.RetryEditedAsync<Letter>(letter.Id, job => job with { Text = "short" });
        edited.ShouldNotBe(letter.Id);
        (await office.EventAsync<JobDone>()).ShouldSatisfyAllConditions(
            done => done.Id.ShouldBe(edited), done => done.Result.ShouldBe(new Receipt("short")));
    }

    [Fact]
    public async Task Discarding_a_dead_job_takes_its_optimistic_result_back()
    {
        await using var office = await OpenAsync();
        office.FarSide.Answer = (_, _) => Task.FromResult<Outcome<Receipt>>(Outcome.Dead("refused"));
        var letter = await office.Queue.EnqueueAsync(new Letter("unwanted"));
        await letter.Completion.WaitAsync(Office.Patience);
        (await office.Queue.CountAsync()).Failed.ShouldBe(1);

        await office.Queue.DiscardAsync(letter.Id);
        var discarded = await office.EventAsync<JobDiscarded>();
        (discarded.Id, discarded.Reason).ShouldBe((letter.Id, DeadReason.Discarded));
        (await office.Queue.CountAsync()).ShouldSatisfyAllConditions(counts => counts.Failed.ShouldBe(0), counts => counts.Closed.ShouldBe(1));
    }

    [Fact]
    public async Task A_job_cancelled_before_it_is_sent_never_reaches_the_far_side()
    {
        await using var office = await OpenAsync();
        var letter = await office.Queue.EnqueueAsync(new Letter("regretted"), new EnqueueOptions { NotBefore = DateTimeOffset.UnixEpoch.AddYears(200) });
        (await letter.CancelAsync()).ShouldBe(CancelAnswer.CancelledBeforeSend);
        (await letter.Completion.WaitAsync(Office.Patience)).Reason.ShouldBe(DeadReason.Cancelled);
        (await office.EventAsync<JobDiscarded>()).Reason.ShouldBe(DeadReason.Cancelled);
        office.FarSide.Received.ShouldBeEmpty();
        (await letter.CancelAsync()).ShouldBe(CancelAnswer.TooLate);
    }

    [Fact]
    public async Task A_running_job_is_asked_to_stop()
    {
        await using var office = await OpenAsync();
        var entered = new TaskCompletionSource();
        office.FarSide.Answer = async (_, token) =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new Receipt("never");
        };
        var letter = await office.Queue.EnqueueAsync(new Letter("on its way"));
        await entered.Task.WaitAsync(Office.Patience);
        (await letter.CancelAsync()).ShouldBe(CancelAnswer.RequestedWhileRunning);
        (await letter.Completion.WaitAsync(Office.Patience)).Reason.ShouldBe(DeadReason.Cancelled);
    }

    [Fact]
    public async Task The_second_of_two_like_intents_is_answered_by_the_first()
    {
        await using var office = await OpenAsync(dispatches: false);
        var first = await office.Queue.EnqueueAsync(new Subscription("Gazette"));
        var second = await office.Queue.EnqueueAsync(new Subscription("Gazette"));
        var other = await office.Queue.EnqueueAsync(new Subscription("Courier"));
        (first.Admission, second.Admission, other.Admission).ShouldBe((AdmissionKind.Accepted, AdmissionKind.AnsweredByExisting, AdmissionKind.Accepted));
        second.Id.ShouldBe(first.Id);
        second.Optimistic.ShouldBe(new Receipt("ordered: Gazette"));
        (await office.Queue.CountAsync()).Open.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_id_given_twice_is_one_job_and_another_payload_is_refused()
    {
        await using var office = await OpenAsync(dispatches: false);
        var again = new EnqueueOptions { Id = JobId.New("letter") };
        await office.Queue.EnqueueAsync(new Letter("once"), again);
        (await office.Queue.EnqueueAsync(new Letter("once"), again)).Admission.ShouldBe(AdmissionKind.AnsweredByExisting);
        (await Should.ThrowAsync<PosthouseException>(() => office.Queue.EnqueueAsync(new Letter("twice"), again))).Code.ShouldBe(ErrorCodes.JobIdReused);
    }

    public void Dispose() => _folder.Dispose();

    private Task<Office> OpenAsync(bool dispatches = true) => Office.OpenAsync(_folder.File("app.db"), options => options.Dispatches = dispatches);
}
