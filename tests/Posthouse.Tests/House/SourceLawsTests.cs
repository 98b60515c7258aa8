namespace Posthouse.Tests.House;

public sealed class SourceLawsTests
{
    public static TheoryData<string> Laws => [.. SourceLaws.All.Select(law => law.Name)];

    [Theory]
    [MemberData(nameof(Laws))]
    public void The_sources_obey(string law) => Tree.Sources().SelectMany(Law(law).Breaches).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Laws))]
    public void A_law_finds_what_it_forbids_and_lets_the_rest_pass(string law)
    {
        Law(law).Breaches(Law(law).Bad).ShouldNotBeEmpty();
        Law(law).Breaches(Law(law).Good).ShouldBeEmpty();
    }

    [Fact]
    public void There_are_sources_to_judge() => Tree.Sources().Count().ShouldBeGreaterThan(3);

    private static SourceLaw Law(string name) => SourceLaws.All.Single(law => law.Name == name);
}
