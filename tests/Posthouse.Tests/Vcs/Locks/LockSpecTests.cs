using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Tests.House;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>The code against the text, the schema and the vectors of <c>spec/vcs</c>, which other programs are written by.</summary>
public sealed class LockSpecTests
{
    private const string Vectors = "spec/vcs/vectors/";

    public static TheoryData<string> Records => [.. Tree.Files.Where(path => path.StartsWith(Vectors + "lock-record.", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Records))]
    public void Every_record_comes_back_byte_for_byte(string path)
    {
        var text = Tree.Read(path).Text.TrimEnd('\n');
        Encoding.UTF8.GetString(LockRecordJson.Write(LockRecordJson.TryRead(Encoding.UTF8.GetBytes(text)).ShouldNotBeNull(path))).ShouldBe(text, path);
    }

    [Fact]
    public void A_record_s_bytes_are_those_of_its_vector()
    {
        Encoding.UTF8.GetString(LockRecordJson.Write(LockSamples.Held)).ShouldBe(Tree.Read(Vectors + "lock-record.held.json").Text.TrimEnd('\n'));
        LockRecordJson.TryRead(LockRecordJson.Write(LockSamples.Held)).ShouldBe(LockSamples.Held);
    }

    [Fact]
    public void The_schema_names_the_members_that_are_written_in_their_order_and_demands_those_that_are_read()
    {
        using var schema = JsonDocument.Parse(Tree.Read("spec/vcs/schemas/lock-record.schema.json").Text);
        var all = JsonNode.Parse(LockRecordJson.Write(LockSamples.Held with { By = LockSamples.Sarah, Reason = "why" }))!.AsObject();
        var members = schema.RootElement.GetProperty("properties");
        members.EnumerateObject().Select(member => member.Name).ShouldBe(all.Select(member => member.Key));
        schema.RootElement.GetProperty("$defs").GetProperty("owner").GetProperty("properties").EnumerateObject().Select(member => member.Name).ShouldBe(all["owner"]!.AsObject().Select(member => member.Key));

        var demanded = schema.RootElement.GetProperty("required").EnumerateArray().Select(member => member.GetString()!).ToList();
        foreach (var name in all.Select(member => member.Key).ToList())
        {
            var without = all.DeepClone().AsObject();
            without.Remove(name);
            (LockRecordJson.TryRead(Encoding.UTF8.GetBytes(without.ToJsonString())) is null).ShouldBe(demanded.Contains(name), name);
        }
    }

    [Fact]
    public void Members_that_are_not_known_are_passed_over_and_a_later_version_is_not_read()
    {
        var text = Encoding.UTF8.GetString(LockRecordJson.Write(LockSamples.Held));
        LockRecordJson.TryRead(Encoding.UTF8.GetBytes("{\"x_new\":{\"a\":[1]}," + text[1..])).ShouldBe(LockSamples.Held);
        LockRecordJson.TryRead(Encoding.UTF8.GetBytes(text.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal))).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"v\":1}")]
    [InlineData("not json")]
    [InlineData("\u0000")]
    public void What_is_no_record_is_none(string text) => LockRecordJson.TryRead(Encoding.UTF8.GetBytes(text)).ShouldBeNull();

    [Theory]
    [InlineData("\"epoch\":3", "\"epoch\":0")]
    [InlineData("\"epoch\":3", "\"epoch\":9007199254740993")]
    [InlineData("\"seq\":7", "\"seq\":\"7\"")]
    [InlineData("\"state\":\"held\"", "\"state\":\"HELD\"")]
    [InlineData("\"ttl_s\":14400", "\"ttl_s\":-1")]
    [InlineData("\"machine_id\":\"5f1d0c2b9a7e4831\"", "\"machine_id\":\"\"")]
    [InlineData("2026-01-02T07:04:05.678Z", "tomorrow")]
    public void A_member_out_of_its_range_makes_it_none(string from, string to)
    {
        var text = Encoding.UTF8.GetString(LockRecordJson.Write(LockSamples.Held));
        text.ShouldContain(from);
        LockRecordJson.TryRead(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal))).ShouldBeNull();
    }

    [Fact]
    public void Every_record_is_cut_short_without_harm()
    {
        var bytes = LockRecordJson.Write(LockSamples.Held);
        for (var length = 0; length < bytes.Length; length++)
            LockRecordJson.TryRead(bytes.AsSpan(0, length)).ShouldBeNull();
        LockRecordJson.TryRead(new byte[LockProtocol.MaxRecordBytes + 1]).ShouldBeNull();
    }

    [Fact]
    public void The_longest_record_that_can_be_written_can_be_read()
    {
        var path = new string('\u0001', ResourceKey.MaxPathBytes);
        var note = new string('\u0001', LockProtocol.MaxNoteLength);
        var longest = LockSamples.Held with { Path = path, Message = note, Reason = note, By = LockSamples.Sarah };
        LockRecordJson.TryRead(LockRecordJson.Write(longest)).ShouldBe(longest);
    }

    [Fact]
    public void Paths_have_the_keys_and_the_spelling_of_the_vectors()
    {
        using var rows = JsonDocument.Parse(Tree.Read(Vectors + "keys.json").Text);
        rows.RootElement.GetArrayLength().ShouldBeGreaterThan(20);
        foreach (var row in rows.RootElement.EnumerateArray())
        {
            var key = ResourceKey.Of(row.GetProperty("path").GetString()!);
            (key.Path, key.Hex).ShouldBe((row.GetProperty("shown").GetString()!, row.GetProperty("key").GetString()!), row.GetRawText());
        }
    }

    [Fact]
    public void Texts_are_composed_as_in_the_vectors()
    {
        using var rows = JsonDocument.Parse(Tree.Read(Vectors + "composition.json").Text);
        rows.RootElement.GetArrayLength().ShouldBeGreaterThan(100);
        foreach (var row in rows.RootElement.EnumerateArray())
        {
            var composed = Composition.Compose(row.GetProperty("from").GetString()!);
            composed.ShouldBe(row.GetProperty("composed").GetString(), row.GetRawText());
            Composition.Compose(composed).ShouldBe(composed);
        }
    }

    [Fact]
    public void The_text_names_every_literal_and_every_member()
    {
        var text = Tree.Read("spec/vcs/locks.md").Text;
        string[] literals =
        [
            LockProtocol.RefPrefix, LockProtocol.FallbackRefPrefix, LockProtocol.SkipCi, $"each {LockProtocol.CompactEvery}th", "65,536", "4,096", "at most five times", "300 s", "60 s",
            .. JsonNode.Parse(LockRecordJson.Write(LockSamples.Held))!.AsObject().Select(member => $"`{member.Key}`"),
        ];
        foreach (var literal in literals)
            text.ShouldContain(literal);
        (LockProtocol.MaxRecordBytes, ResourceKey.MaxPathBytes, LockPolicy.MaxRounds, LockRecord.Version).ShouldBe((65_536, 4_096, 5, 1));
        (new LockOptions().ClockSkewTolerance, new LockOptions().TakeoverGrace).ShouldBe((TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(60)));
        LockProtocol.SubjectOf(LockSamples.Held).ShouldBe("lock held: mix/song.logicx [skip ci]");
    }
}
