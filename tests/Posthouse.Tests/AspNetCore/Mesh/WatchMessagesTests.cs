using System.Text.Json;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh;

namespace Posthouse.Tests.AspNetCore.Mesh;

public sealed class WatchMessagesTests
{
    private readonly OneNode _node = new();
    private readonly Publication _publication;

    public WatchMessagesTests()
    {
        var update = new PriceUpdate(OneNode.Id(1), new Stamp(1, 1), 1, OneNode.Noon, [new PriceReading(OneNode.Btc, 100, OneNode.Noon)]);
        _node.Book.Accept(update, new MessageId(1), PriceOrigin.Live, default, 1, _node.Now);
        _publication = new(1, [.. _node.Book.Snapshot.Values]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    [InlineData(0.95)]
    [InlineData(40)]
    public void Ages_in_a_shared_message_are_those_of_the_time_that_it_says(double later)
    {
        Told(OneNode.Noon.AddSeconds(10)).ShouldBe((10, OneNode.Noon.AddSeconds(10)));
        var (age, at) = Told(OneNode.Noon.AddSeconds(10 + later));
        age.ShouldBe((long)(at - OneNode.Noon).TotalSeconds);
        (OneNode.Noon.AddSeconds(10 + later) - at).ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Watchers_who_are_told_together_share_what_was_written_for_the_first()
    {
        var news = new WatcherNews { Number = 1, Prices = _publication.Changed, Whole = _publication };
        WatchMessages.Update(news, OneNode.Noon, hasProviders: true);
        var shared = _publication.Json(OneNode.Noon, _ => throw new InvalidOperationException("It is written already."));
        _publication.Json(OneNode.Noon.AddMilliseconds(100), _ => throw new InvalidOperationException("It is written already.")).ShouldBeSameAs(shared);
    }

    private (long Age, DateTimeOffset At) Told(DateTimeOffset now)
    {
        var message = JsonSerializer.Deserialize<JsonElement>(WatchMessages.Update(new() { Number = 1, Prices = _publication.Changed, Whole = _publication }, now, hasProviders: true).Span);
        return (message.GetProperty("data").GetProperty("BTC").GetProperty("age_seconds").GetInt64(), message.GetProperty("serverTime").GetDateTimeOffset());
    }
}
