using System.Text.Json;
using System.Text.Json.Serialization;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Memory;

namespace Posthouse.Tests.Queue;

/// <summary>A dead job whose payload was edited as JSON becomes a row of its own.</summary>
public sealed partial class EditedDraftTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly JobRegistry _registry = new JobRegistry().Register(
        new JobDescriptor<Parcel, string>("shop.parcel", 1, ParcelJson.Default.Parcel, ParcelJson.Default.String)
        {
            DestinationOf = job => job.To,
            DeduplicationKeyOf = job => job.To,
            MaxLost = 9,
        });

    [Fact]
    public async Task What_is_computed_from_a_payload_is_computed_from_the_edited_one()
    {
        var old = await Old();
        var edited = new JobDrafts(_registry, _time, SystemIds.Instance).Edited(old, """{"To":"Rome"}"""u8.ToArray(), []);
        JsonSerializer.Deserialize<string>(edited.Optimistic).ShouldBe($"{edited.Id} to Rome");
        (edited.Destination, edited.DeduplicationKey, edited.MaxLost).ShouldBe(("Rome", "Rome", 9));
        (edited.Lane, edited.Owner).ShouldBe(("lane", "shop"));
        edited.Id.ShouldNotBe(old.Id);
    }

    [Fact]
    public async Task Of_an_unknown_type_it_stays_what_it_was()
    {
        var old = await Old();
        var edited = new JobDrafts(new JobRegistry(), _time, SystemIds.Instance).Edited(old, """{"To":"Rome"}"""u8.ToArray(), []);
        edited.Optimistic.ShouldBe(old.Optimistic);
        (edited.Destination, edited.DeduplicationKey).ShouldBe(("Oslo", "Oslo"));
    }

    [Fact]
    public async Task A_payload_that_is_none_of_its_type_is_refused()
    {
        var old = await Old();
        Should.Throw<PosthouseException>(() => new JobDrafts(_registry, _time, SystemIds.Instance).Edited(old, "[]"u8.ToArray(), []))
            .Code.ShouldBe(ErrorCodes.JobInvalid);
    }

    private async Task<JobRecord> Old()
    {
        await using var store = new MemoryJobStore(_time, SystemIds.Instance, new());
        var drafts = new JobDrafts(_registry, _time, SystemIds.Instance);
        var draft = drafts.Draft(new Parcel("Oslo"), new() { Owner = "shop", Lane = "lane" });
        await store.EnqueueAsync([draft]);
        return (await store.GetAsync(draft.Id)).ShouldNotBeNull();
    }

#pragma warning disable PH0002 // Registered by hand.
    internal sealed record Parcel(string To) : IJob<string>
    {
        public string OptimisticResult(OptimisticContext context) => $"{context.Id} to {To}";
    }
#pragma warning restore PH0002

    [JsonSerializable(typeof(Parcel))]
    [JsonSerializable(typeof(string))]
    internal sealed partial class ParcelJson : JsonSerializerContext;
}
