using FsCheck;
using FsCheck.Fluent;
using Posthouse.Jobs;

namespace Posthouse.Tests.Jobs;

public sealed class KeyTextTests
{
    private enum Mood : byte
    {
        Glad = 200,
    }

    [Fact]
    public void A_separator_inside_a_value_is_no_separator()
    {
        static string Key(string a, string b) => KeyText.Of($"{a}/{b}");
        Key("a/b", "c").ShouldBe("a%2Fb/c");
        Key("a", "b/c").ShouldBe("a/b%2Fc");
    }

    [Fact]
    public void Different_values_never_have_one_text()
    {
        // A small alphabet of the characters that could be confused: about one pair in twenty is equal.
        var text = Gen.Elements('a', '/', '%', '2', 'F').ArrayOf().Where(t => t.Length < 4).Select(t => new string(t));
        var pairs = text.Zip(text, (a, b) => (a, b));
        Check.QuickThrowOnFailure(Prop.ForAll(
            pairs.Zip(pairs, (x, y) => (x, y)).ToArbitrary(),
            p => KeyText.Of($"{p.x.a}/{p.x.b}") == KeyText.Of($"{p.y.a}/{p.y.b}") == (p.x == p.y)));
    }

    [Fact]
    public void A_text_is_encoded_as_RFC_3986_says() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>().Filter(Sound),
        text => KeyText.Of($"{text.Get}") == Uri.EscapeDataString(text.Get)));

    [Fact]
    public void Numbers_ids_and_enums_have_one_invariant_text()
    {
        KeyText.Of($"{-5}/{ulong.MaxValue}/{(byte)7}/{uint.MaxValue}").ShouldBe("-5/18446744073709551615/7/4294967295");
        KeyText.Of($"{new Guid("0190F2A4-5B6C-7D8E-9FA0-B1C2D3E4F506")}").ShouldBe("0190f2a4-5b6c-7d8e-9fa0-b1c2d3e4f506");
        KeyText.Of($"{Mood.Glad}").ShouldBe("200");
        KeyText.Of($"{JobId.Parse("a:b")}").ShouldBe("a%3Ab");
        KeyText.Of($"literal %/").ShouldBe("literal %/");
    }

    [Fact]
    public void A_text_that_is_null_or_broken_is_refused()
    {
        Should.Throw<PosthouseException>(() => KeyText.Of($"{(string?)null}")).Code.ShouldBe(ErrorCodes.JobInvalid);
        Should.Throw<PosthouseException>(() => KeyText.Of($"{"\ud83d"}")).Code.ShouldBe(ErrorCodes.JobInvalid);
    }

    private static bool Sound(NonNull<string> text) => !text.Get.Any(char.IsSurrogate);
}
