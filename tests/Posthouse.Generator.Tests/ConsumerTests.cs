using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Files;
using Posthouse.Generator.Tests.Consumer;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Generator.Tests;

/// <summary>This project's own generated registry beside a descriptor written by hand.</summary>
public sealed class ConsumerTests
{
    private static readonly JobRegistry Registry = new JobRegistry().AddPosthouseGeneratorTestsJobs();

    private static readonly SendMessage Job = new("a/b ü", new Guid("0190f2a4-5b6c-7d8e-9fa0-b1c2d3e4f506"), -5, Mood.Urgent, "Grüße \"<b>\"")
    {
        Answers = JobId.Parse("msg-1-00000000000000ff"),
        Tags = ["x", "y"],
        Photo = JobFile.FromPath("/tmp/p.jpg", "image/jpeg"),
        Cover = new Attachment("t", null, JobFile.FromPath("/tmp/second.png")),
    };

    private static readonly OptimisticContext Context = new(JobId.Parse("msg-1-0000000000000001"), DateTimeOffset.UnixEpoch.AddHours(1));

    private static JobDescriptor ByHand { get; } = new JobDescriptor<SendMessage, Message?>(
        "consumer.send", 3, PosthouseJson.TypeInfo<SendMessage>(), PosthouseJson.TypeInfo<Message?>())
    {
        IdPrefix = "msg",
        OnDuplicate = OnDuplicate.ReplacePending,
        WhenDead = WhenDead.Skip,
        Priority = -2,
        Plan = new Backoff { MaxAttempts = 3 },
        ExpiresAfter = TimeSpan.FromDays(7),
        LaneOf = job => "chat/" + Uri.EscapeDataString(job.Conversation),
        DeduplicationKeyOf = job => $"{Uri.EscapeDataString(job.Conversation)}/{job.Topic:D}:{job.Number}",
        DestinationOf = job => ((int)job.Region).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    [Fact]
    public void Generated_and_handwritten_descriptors_write_the_same_bytes()
    {
        var generated = Registry.Of(Job);
        Text(generated.Write(Job)).ShouldBe(Text(ByHand.Write(Job)));
        generated.Write(Job).ShouldBe(ByHand.Write(Job));
        generated.WriteOptimistic(Job, Context).ShouldBe(ByHand.WriteOptimistic(Job, Context));
        generated.WriteResult(null).ShouldBe(ByHand.WriteResult(null));
        generated.Lane(Job).ShouldBe(ByHand.Lane(Job));
        generated.DeduplicationKey(Job).ShouldBe(ByHand.DeduplicationKey(Job));
        generated.Destination(Job).ShouldBe(ByHand.Destination(Job));
    }

    [Fact]
    public void Generated_and_handwritten_descriptors_declare_the_same()
    {
        static object Declared(JobDescriptor d) =>
            (d.Name, d.Version, d.IdPrefix, d.OnDuplicate, d.WhenDead, d.Priority, d.Plan, d.ExpiresAfter, d.JobType);
        Declared(Registry.Of(Job)).ShouldBe(Declared(ByHand));
    }

    [Fact]
    public void The_payload_is_the_text_of_the_specification() => Text(Registry.Of(Job).Write(Job)).ShouldBe(
        """
        {"conversation":"a/b \u00FC","topic":"0190f2a4-5b6c-7d8e-9fa0-b1c2d3e4f506","number":-5,"region":7,"text":"Gr\u00FC\u00DFe \u0022\u003Cb\u003E\u0022","answers":"msg-1-00000000000000ff","tags":["x","y"],"photo":{"name":"p.jpg","media_type":"image/jpeg","hash":null,"size":0},"cover":{"title":"t","first":null,"second":{"name":"second.png","media_type":null,"hash":null,"size":0}}}
        """);

    [Fact]
    public void A_payload_comes_back_as_it_went()
    {
        var generated = Registry.Of(Job);
        var bytes = generated.Write(Job);
        generated.Write(generated.Read(3, bytes)).ShouldBe(bytes);
    }

    [Fact]
    public void Older_versions_come_back_through_the_whole_chain()
    {
        var generated = Registry.Of(Job);
        var first = (SendMessage)generated.Read(1, """{"conversation":"c","text":"t"}"""u8);
        first.ShouldBe(new SendMessage("c", Guid.Empty, 1, Mood.Calm, "t") { Tags = first.Tags });
        ((SendMessage)generated.Read(2, """{"conversation":"c","text":"t","number":9}"""u8)).Number.ShouldBe(9);
        generated.CanRead(4).ShouldBeFalse();
        Should.Throw<PosthouseException>(() => generated.Read(1, """{"conversation":"c"}"""u8)).Code.ShouldBe(ErrorCodes.JobInvalid);
    }

    [Fact]
    public void Files_are_listed_and_replaced_in_one_order_and_absent_ones_stay_absent()
    {
        var generated = Registry.Of(Job);
        var stored = generated.Files(Job).Select(f => f with { Hash = "h-" + f.Name }).ToList();
        stored.Select(f => f.Name).ShouldBe(["p.jpg", "second.png"]);
        var replaced = (SendMessage)generated.WithFiles(Job, stored);
        replaced.Photo!.Hash.ShouldBe("h-p.jpg");
        replaced.Cover!.Value.First.ShouldBeNull();
        replaced.Cover.Value.Second!.Hash.ShouldBe("h-second.png");
        generated.Files(Job with { Photo = null, Cover = null }).ShouldBeEmpty();
    }

    [Fact]
    public void A_context_that_writes_names_for_enums_is_passed_over() =>
        Text(Registry.Of(new Ping("h", Mood.Urgent)).Write(new Ping("h", Mood.Urgent))).ShouldBe("""{"host":"h","mood":7}""");

    [Fact]
    public void A_container_gets_the_registry_once_and_the_handlers_where_none_stands()
    {
        var registry = new JobRegistry();
        var services = new ServiceCollection().AddSingleton(registry).AddPosthouseGeneratorTestsJobs();
        registry.All.Select(d => d.Name).ShouldBe(["consumer.ping", "consumer.send"]);
        services.Single(s => s.ServiceType == typeof(JobRegistry)).ImplementationInstance.ShouldBeSameAs(registry);
        var handler = services.Single(s => s.ServiceType == typeof(IJobHandler<SendMessage, Message?>));
        (handler.ImplementationType, handler.Lifetime).ShouldBe((typeof(SendMessageHandler), ServiceLifetime.Scoped));
        new ServiceCollection().AddPosthouse().AddPosthouseGeneratorTestsJobs().Services.ShouldContain(s => s.ServiceType == typeof(IJobHandler<SendMessage, Message?>));
        new ServiceCollection().AddPosthouseGeneratorTestsJobs().ShouldContain(s => s.ImplementationInstance is JobRegistry);
        Should.Throw<PosthouseException>(() => new ServiceCollection().AddSingleton<JobRegistry>().AddPosthouseGeneratorTestsJobs())
            .Code.ShouldBe(ErrorCodes.OptionsInvalid);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
