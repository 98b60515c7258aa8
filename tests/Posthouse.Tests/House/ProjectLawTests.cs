namespace Posthouse.Tests.House;

public sealed class ProjectLawTests
{
    [Fact]
    public void Every_project_has_a_reason_and_sees_only_what_it_may() => Tree.Projects().SelectMany(ProjectLaw.Breaches).ShouldBeEmpty();

    [Fact]
    public void No_project_silences_a_law() =>
        Tree.Read(path => path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith(".props", StringComparison.Ordinal) || path.EndsWith(".targets", StringComparison.Ordinal))
            .SelectMany(ProjectLaw.SilencedLaws).ShouldBeEmpty();

    [Fact]
    public void Every_project_stands_in_the_solution()
    {
        var solution = Tree.Read("Posthouse.slnx").Text;
        Tree.Projects().Select(project => project.Path).Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_has_its_lock_file() =>
        Tree.Projects().Select(project => project.Path[..^project.Name.Length] + "packages.lock.json").Where(path => !Tree.Files.Contains(path)).ShouldBeEmpty();

    [Fact]
    public void A_capability_that_sees_a_sibling_is_found() =>
        ProjectLaw.Breaches(Project("src/Posthouse.Ivxp/Posthouse.Ivxp.csproj", """<ProjectReference Include="..\Posthouse.Cli\Posthouse.Cli.csproj" />""")).ShouldHaveSingleItem();

    [Fact]
    public void A_project_without_a_reason_is_found() => ProjectLaw.Breaches(Project("src/Posthouse.Common/Posthouse.Common.csproj", "")).ShouldHaveSingleItem();

    [Theory]
    [InlineData("<NoWarn>$(NoWarn);CS1591</NoWarn>")]
    [InlineData("<Nullable>disable</Nullable>")]
    public void A_silenced_law_is_found(string setting) => ProjectLaw.SilencedLaws(Project("a.csproj", setting)).ShouldHaveSingleItem();

    [Fact]
    public void A_reference_downwards_passes() =>
        ProjectLaw.Breaches(Project("src/Posthouse.Ivxp/Posthouse.Ivxp.csproj", """<ProjectReference Include="../Posthouse/Posthouse.csproj" />""")).ShouldBeEmpty();

    private static TextFile Project(string path, string text) => new(path, $"<Project>{text}</Project>");
}
