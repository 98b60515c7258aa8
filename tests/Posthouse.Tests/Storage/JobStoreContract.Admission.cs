using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task An_enqueued_job_is_pending_with_everything_it_was_given()
    {
        var expires = Time.GetUtcNow().AddDays(1);
        var answer = await EnqueueOne(Draft("a", lane: "l", key: "k") with
        {
            Destination = "far",
            Owner = "screen",
            Priority = 7,
            WhenDead = WhenDead.Skip,
            ExpiresAt = expires,
        });

        answer.Kind.ShouldBe(AdmissionKind.Accepted);
        answer.Optimistic.ShouldBe("{}"u8.ToArray());
        var row = await Row("a");
        (row.State, row.Gate, row.Name, row.Version).ShouldBe((JobState.Pending, Gate.Open, "mail.send", 1));
        (row.Lane, row.DeduplicationKey, row.Destination, row.Owner).ShouldBe(("l", "k", "far", "screen"));
        (row.Priority, row.WhenDead, row.ExpiresAt, row.AcceptedAt).ShouldBe((7, WhenDead.Skip, expires, Time.GetUtcNow()));
        row.Payload.ShouldBe("\"a\""u8.ToArray());
    }

    [Fact]
    public async Task Accepting_appends_one_event_with_the_owner_and_the_optimistic_result()
    {
        await Enqueue(Draft("a") with { Owner = "screen", Optimistic = "{\"shown\":true}"u8.ToArray() });

        var entry = (await Events()).ShouldHaveSingleItem();
        (entry.Room, entry.Subject, entry.Kind, entry.Owner, entry.At).ShouldBe(
            ("jobs", "a", "JobAccepted", "screen", Time.GetUtcNow()));
        Body(entry).GetProperty("optimistic").GetProperty("shown").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task The_same_id_with_the_same_payload_is_answered_by_the_job_that_stands_there_in_any_state()
    {
        await Enqueue(Draft("a") with { Optimistic = "1"u8.ToArray() });
        await Done(await Run("a"));

        var answer = await EnqueueOne(Draft("a") with { Optimistic = "2"u8.ToArray() });

        answer.Kind.ShouldBe(AdmissionKind.AnsweredByExisting);
        answer.Optimistic.ShouldBe("1"u8.ToArray());
        (await Row("a")).State.ShouldBe(JobState.Done);
    }

    [Fact]
    public async Task The_same_id_with_another_payload_name_or_version_is_refused()
    {
        await Enqueue(Draft("a"));

        (await CodeOf(() => Enqueue(Draft("a") with { Payload = "2"u8.ToArray() }))).ShouldBe(ErrorCodes.JobIdReused);
        (await CodeOf(() => Enqueue(Draft("a") with { Name = "mail.drop" }))).ShouldBe(ErrorCodes.JobIdReused);
        (await CodeOf(() => Enqueue(Draft("a") with { Version = 2 }))).ShouldBe(ErrorCodes.JobIdReused);
    }

    [Fact]
    public async Task Several_jobs_are_stored_in_order_or_none_of_them()
    {
        await Enqueue(Draft("a"), Draft("b"));
        await Should.ThrowAsync<PosthouseException>(() => Enqueue(Draft("c") with { Owner = "o" }, Draft("a") with { Version = 9 }));

        (await Store.ListAsync(new JobQuery())).Select(row => row.Id.Value).ShouldBe(["a", "b"]);
        (await Kinds()).ShouldBe(["JobAccepted", "JobAccepted"]);
        (await Store.CountAsync()).OpenBytes.ShouldBe(2 * Draft("a").Bytes);
    }

    [Fact]
    public async Task A_later_job_of_one_call_sees_the_earlier_ones()
    {
        var answers = await Enqueue(Draft("a", key: "k"), Draft("b", key: "k"), Draft("a", key: "k"));

        answers.Select(x => (x.Id.Value, x.Kind)).ShouldBe(
            [("a", AdmissionKind.Accepted), ("a", AdmissionKind.AnsweredByExisting), ("a", AdmissionKind.AnsweredByExisting)]);
    }

    [Fact]
    public async Task A_duplicate_is_answered_by_the_standing_job_pending_or_running()
    {
        await Enqueue(Draft("a", key: "k") with { Optimistic = "1"u8.ToArray() });
        (await EnqueueOne(Draft("b", key: "k"))).Id.Value.ShouldBe("a");
        await Run("a");
        var answer = await EnqueueOne(Draft("c", key: "k"));

        (answer.Id.Value, answer.Kind).ShouldBe(("a", AdmissionKind.AnsweredByExisting));
        answer.Optimistic.ShouldBe("1"u8.ToArray());
        (await Store.GetAsync(Id("b"))).ShouldBeNull();
    }

    [Fact]
    public async Task Keys_are_compared_within_one_name_and_among_jobs_that_have_not_ended()
    {
        await EnqueueDead(Draft("dead", key: "k"));
        (await EnqueueOne(Draft("a", key: "k"))).Kind.ShouldBe(AdmissionKind.Accepted);
        (await EnqueueOne(Draft("b", key: "k") with { Name = "mail.drop" })).Kind.ShouldBe(AdmissionKind.Accepted);
        (await EnqueueOne(Draft("c", key: "K"))).Kind.ShouldBe(AdmissionKind.Accepted);
    }

    [Fact]
    public async Task A_duplicate_that_asks_for_it_is_rejected_by_a_message_that_names_the_standing_job()
    {
        await Enqueue(Draft("standing", key: "k"));

        var refusal = await Should.ThrowAsync<PosthouseException>(
            () => Enqueue(Draft("b", key: "k") with { OnDuplicate = OnDuplicate.Reject }));

        refusal.Code.ShouldBe(ErrorCodes.DuplicateJob);
        refusal.Message.ShouldContain("standing");
    }

    [Fact]
    public async Task A_pending_duplicate_is_superseded_and_says_so()
    {
        await Enqueue(Draft("a", key: "k"));
        Pass(1);
        var answer = await EnqueueOne(Draft("b", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending });

        answer.Kind.ShouldBe(AdmissionKind.ReplacedPending);
        var row = await Row("a");
        (row.State, row.Reason, row.EndedAt).ShouldBe((JobState.Dead, DeadReason.Superseded, Time.GetUtcNow()));
        (await Kinds()).ShouldBe(["JobAccepted", "JobDiscarded", "JobAccepted"]);
        Body((await Events("a"))[1]).GetProperty("reason").GetInt32().ShouldBe((int)DeadReason.Superseded);
        (await ClaimedIds()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_running_duplicate_is_never_replaced_and_the_newcomer_waits_behind_it()
    {
        await Enqueue(Draft("a", key: "k"));
        var lease = await Run("a");
        var answer = await EnqueueOne(Draft("b", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending });

        answer.Kind.ShouldBe(AdmissionKind.Accepted);
        (await GateOf("b")).ShouldBe(Gate.After);
        (await WaitsFor("b")).ShouldBe(["a"]);
        await Done(lease);
        (await ClaimedIds()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task Beside_a_running_duplicate_the_pending_one_is_replaced_and_the_newcomer_waits_for_the_running_one()
    {
        await Enqueue(Draft("a", key: "k"));
        await Run("a");
        await Enqueue(Draft("b", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending });
        var answer = await EnqueueOne(Draft("c", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending });

        answer.Kind.ShouldBe(AdmissionKind.ReplacedPending);
        (await Row("b")).Reason.ShouldBe(DeadReason.Superseded);
        (await WaitsFor("c")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_superseded_job_hands_what_it_waited_for_to_those_behind_it()
    {
        await Enqueue(Draft("first"), Draft("a", key: "k") with { After = [Id("first")] }, Draft("last") with { After = [Id("a")] });
        await Enqueue(Draft("b", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending });

        (await WaitsFor("last")).ShouldBe(["first"]);
        (await WaitsFor("a")).ShouldBeEmpty();
        (await GateOf("b")).ShouldBe(Gate.Open);
    }

    [Fact]
    public async Task A_newcomer_that_is_to_run_after_the_job_it_replaces_inherits_what_that_one_waited_for()
    {
        await Enqueue(Draft("first"), Draft("a", key: "k") with { After = [Id("first")] });
        await Enqueue(Draft("b", key: "k") with { OnDuplicate = OnDuplicate.ReplacePending, After = [Id("a")] });

        (await WaitsFor("b")).ShouldBe(["first"]);
    }

    [Fact]
    public async Task A_job_that_is_not_before_an_instant_waits_for_it()
    {
        await Enqueue(Draft("a") with { NotBefore = Time.GetUtcNow().AddSeconds(5) });
        (await GateOf("a")).ShouldBe(Gate.Time);
        (await ClaimedIds()).ShouldBeEmpty();
        Pass(5);
        (await ClaimedIds()).ShouldBe(["a"]);
    }
}
