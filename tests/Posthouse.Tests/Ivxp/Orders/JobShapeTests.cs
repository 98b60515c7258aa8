using System.Text;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Ivxp.Orders;

/// <summary>The generated descriptors against ones written by hand: rows of either are rows of the other.</summary>
public sealed class JobShapeTests
{
    private static readonly IvxpJobsJson _json = new(PosthouseJson.NewOptions());

    private static readonly JobRegistry _handWritten = new JobRegistry()
        .Register(new JobDescriptor<PerformWork, Nothing>("ivxp.work", 1, PosthouseJson.TypeInfo<PerformWork>(_json), PosthouseJson.Nothing) { MaxLost = 20 })
        .Register(new JobDescriptor<PushDelivery, Nothing>("ivxp.push", 1, PosthouseJson.TypeInfo<PushDelivery>(_json), PosthouseJson.Nothing)
        {
            DestinationOf = job => KeyText.Of($"{job.Host}"),
            MaxLost = 20,
        })
        .Register(new JobDescriptor<MailNotice, Nothing>("ivxp.mail", 1, PosthouseJson.TypeInfo<MailNotice>(_json), PosthouseJson.Nothing)
        {
            DeduplicationKeyOf = job => KeyText.Of($"{job.OrderId}"),
        })
        .Register(new JobDescriptor<WebhookNotice, Nothing>("ivxp.webhook", 1, PosthouseJson.TypeInfo<WebhookNotice>(_json), PosthouseJson.Nothing)
        {
            DeduplicationKeyOf = job => KeyText.Of($"{job.OrderId}/{job.Version}"),
        })
        .Register(new JobDescriptor<CheckPayment, Nothing>("ivxp.check-payment", 1, PosthouseJson.TypeInfo<CheckPayment>(_json), PosthouseJson.Nothing)
        {
            DeduplicationKeyOf = job => KeyText.Of($"{job.OrderId}/{job.TransactionHash}"),
        })
        .Register(new JobDescriptor<SweepOrders, Nothing>("ivxp.sweep", 1, PosthouseJson.TypeInfo<SweepOrders>(_json), PosthouseJson.Nothing)
        {
            DeduplicationKeyOf = _ => "all",
            Plan = new Backoff { MaxAttempts = int.MaxValue },
            MaxLost = 20,
        })
        .Register(new JobDescriptor<AnnounceReady, Nothing>("ivxp.announce", 1, PosthouseJson.TypeInfo<AnnounceReady>(_json), PosthouseJson.Nothing)
        {
            LaneOf = _ => "ivxp-chain-wallet",
            DeduplicationKeyOf = job => KeyText.Of($"{job.OrderId}"),
            WhenDead = WhenDead.Skip,
        })
        .Register(new JobDescriptor<TakeStep, Nothing>("ivxp.purchase", 1, PosthouseJson.TypeInfo<TakeStep>(_json), PosthouseJson.Nothing)
        {
            IdPrefix = "step",
            LaneOf = job => KeyText.Of($"purchase/{job.Purchase}"),
            DestinationOf = job => KeyText.Of($"{job.Host}"),
            DeduplicationKeyOf = job => KeyText.Of($"{job.Purchase}/{job.Step}"),
        });

    public static TheoryData<string, string> Vectors => new()
    {
        { "ivxp.work", """{"order_id":"ivxp-1"}""" },
        { "ivxp.push", """{"order_id":"ivxp-1","host":"client.example:8080"}""" },
        { "ivxp.mail", """{"order_id":"ivxp-1"}""" },
        { "ivxp.webhook", """{"order_id":"ivxp-1","version":5,"event":"order.ready","at":"2026-02-05T12:00:00.000Z"}""" },
        { "ivxp.check-payment", """{"order_id":"ivxp-1","transaction_hash":"0xab"}""" },
        { "ivxp.sweep", "{}" },
        { "ivxp.announce", """{"order_id":"ivxp-1"}""" },
        { "ivxp.purchase", """{"purchase":"purchase-1","step":4,"host":"provider.example"}""" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Generated_and_hand_written_descriptors_write_the_same_bytes_and_keys(string name, string expected)
    {
        var generated = new JobRegistry().AddPosthouseIvxpJobs();
        generated.TryGet(name, out var made).ShouldBeTrue();
        _handWritten.TryGet(name, out var written).ShouldBeTrue();
        var job = written.Read(1, Encoding.UTF8.GetBytes(expected));

        made.Write(job).ShouldBe(Encoding.UTF8.GetBytes(expected));
        written.Write(job).ShouldBe(made.Write(job));
        made.Read(1, written.Write(job)).ShouldBe(job);
        var context = new OptimisticContext(JobId.Parse("a-1"), DateTimeOffset.UnixEpoch);
        made.WriteOptimistic(job, context).ShouldBe(written.WriteOptimistic(job, context));
        (made.IdPrefix, made.Version, made.Lane(job), made.Destination(job), made.DeduplicationKey(job), made.OnDuplicate, made.WhenDead, made.Priority, made.ExpiresAfter, made.MaxLost)
            .ShouldBe((written.IdPrefix, written.Version, written.Lane(job), written.Destination(job), written.DeduplicationKey(job), written.OnDuplicate, written.WhenDead, written.Priority, written.ExpiresAfter, written.MaxLost));
        made.Plan.ShouldBe(written.Plan);
    }

    [Fact]
    public void The_registry_holds_these_jobs_and_no_other() =>
        new JobRegistry().AddPosthouseIvxpJobs().All.Select(job => job.Name).Order().ShouldBe(_handWritten.All.Select(job => job.Name).Order());

    [Fact]
    public void A_registered_job_takes_another_plan_and_an_unknown_one_does_not()
    {
        var plan = new Schedule { Delays = [TimeSpan.Zero] };
        var registry = new JobRegistry().AddPosthouseIvxpJobs().UsePlan<PushDelivery>(plan);
        registry.TryGet("ivxp.push", out var push).ShouldBeTrue();
        push.Plan.ShouldBe(plan);
        Should.Throw<PosthouseException>(() => new JobRegistry().UsePlan<PushDelivery>(plan)).Code.ShouldBe(ErrorCodes.JobTypeUnknown);
    }
}
