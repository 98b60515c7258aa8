using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task A_job_may_be_as_large_as_the_limit_and_no_larger()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxJobBytes = 10 });
        await store.EnqueueAsync([Draft("a") with { Payload = new byte[8], Optimistic = new byte[2] }]);

        (await CodeOf(() => store.EnqueueAsync([Draft("b") with { Payload = new byte[8], Optimistic = new byte[3] }])))
            .ShouldBe(ErrorCodes.JobTooLarge);
    }

    [Fact]
    public async Task A_full_queue_refuses_a_newcomer_and_names_the_limit_and_its_value()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxOpenJobs = 2 });
        await store.EnqueueAsync([Draft("a")]);

        var refusal = await Should.ThrowAsync<PosthouseException>(() => store.EnqueueAsync([Draft("b"), Draft("c")]));

        refusal.Code.ShouldBe(ErrorCodes.QueueFull);
        refusal.Message.ShouldContain("MaxOpenJobs");
        refusal.Message.ShouldContain("2");
        (await store.CountAsync()).Open.ShouldBe(1);
        await store.EnqueueAsync([Draft("d")]);
    }

    [Fact]
    public async Task A_full_queue_still_answers_for_what_stands_there_and_takes_a_replacement()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxOpenJobs = 1 });
        await store.EnqueueAsync([Draft("a", key: "k")]);

        (await store.EnqueueAsync([Draft("a", key: "k")]))[0].Kind.ShouldBe(AdmissionKind.AnsweredByExisting);
        (await store.EnqueueAsync([Draft("b", key: "k")]))[0].Kind.ShouldBe(AdmissionKind.AnsweredByExisting);
        (await store.EnqueueAsync([Draft("c", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending }]))[0].Kind
            .ShouldBe(AdmissionKind.ReplacedPending);
    }

    [Fact]
    public async Task A_refused_replacement_leaves_the_standing_job_alone()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxOpenBytes = 10 });
        await store.EnqueueAsync([Draft("a", key: "k") with { Payload = new byte[4], Optimistic = [] }]);

        (await CodeOf(() => store.EnqueueAsync([Draft("b", key: "k") with { Payload = new byte[11], OnDuplicate = OnDuplicate.ReplacePending }])))
            .ShouldBe(ErrorCodes.QueueFull);
        (await store.GetAsync(Id("a")))!.State.ShouldBe(JobState.Pending);
    }

    [Fact]
    public async Task Bytes_of_open_jobs_are_limited_and_ended_ones_make_room()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxOpenBytes = 10 });
        await store.EnqueueAsync([Draft("a") with { Payload = new byte[6], Optimistic = [] }]);
        var b = Draft("b") with { Payload = new byte[5], Optimistic = [] };

        (await Should.ThrowAsync<PosthouseException>(() => store.EnqueueAsync([b]))).Message.ShouldContain("MaxOpenBytes");
        await store.DecideAsync(new JobCommand.Cancel(Id("a")));
        await store.EnqueueAsync([b]);
        (await store.CountAsync()).OpenBytes.ShouldBe(5);
    }

    [Fact]
    public async Task Bytes_of_the_files_of_open_jobs_are_limited()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxFileBytes = 100 });
        var file = new StoredFile(new string('a', 64), 60);
        var other = new StoredFile(new string('b', 64), 41);
        await store.StageAsync(file);
        await store.StageAsync(other);
        await store.EnqueueAsync([Draft("a") with { Files = [file] }]);
        var second = Draft("b") with { Files = [other] };

        (await Should.ThrowAsync<PosthouseException>(() => store.EnqueueAsync([second]))).Message.ShouldContain("MaxFileBytes");
        await store.DecideAsync(new JobCommand.Cancel(Id("a")));
        await store.EnqueueAsync([second]);
    }

    [Fact]
    public async Task An_edited_job_keeps_the_files_of_the_one_it_replaces_where_they_fit_only_once()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxFileBytes = 100 });
        var me = await store.JoinAsync(() => { });
        StoredFile[] files = [new(new string('a', 64), 60), new(new string('b', 64), 0)];
        await store.StageAsync(files[0]);
        await store.StageAsync(files[1]);
        await store.EnqueueAsync([Draft("a") with { Files = files }]);
        var lease = (await Soon(store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)))))[0].Lease;
        await Soon(store.SettleAsync(lease, new Settlement(SettlementKind.Dead) { Reason = DeadReason.Rejected }));

        await store.DecideAsync(new JobCommand.RetryEdited(Id("a"), Draft("b") with { Files = files }));
        (await Should.ThrowAsync<PosthouseException>(() => store.EnqueueAsync([Draft("c") with { Files = files }]))).Message.ShouldContain("MaxFileBytes");
    }

    [Fact]
    public async Task A_dead_job_that_needs_a_decision_counts_and_a_closed_one_does_not()
    {
        await using var store = await OpenAsync(new QueueLimits { MaxOpenJobs = 1 });
        var me = await store.JoinAsync(() => { });
        await store.EnqueueAsync([Draft("a")]);
        var lease = (await Soon(store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)))))[0].Lease;
        await Soon(store.SettleAsync(lease, new Settlement(SettlementKind.Dead) { Reason = DeadReason.Rejected }));

        (await CodeOf(() => store.EnqueueAsync([Draft("b")]))).ShouldBe(ErrorCodes.QueueFull);
        await store.DecideAsync(new JobCommand.Discard(Id("a")));
        await store.EnqueueAsync([Draft("b")]);
    }
}
