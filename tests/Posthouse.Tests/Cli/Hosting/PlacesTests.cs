using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class PlacesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("places-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_pocket_lies_where_its_variable_says()
    {
        var places = Find(("POSTHOUSE_HOME", "own"), ("XDG_STATE_HOME", "/state"));

        places.Pocket.ShouldBe(Path.Combine(_folder.FullName, "own"));
        places.UserConfiguration.ShouldBe(Path.Combine(_folder.FullName, "own", "config.json"));
    }

    [Fact]
    public void Else_the_state_folder_of_the_xdg_specification_holds_it() => Find(("XDG_STATE_HOME", "/state")).Pocket.ShouldBe("/state/posthouse");

    [Fact]
    public void A_relative_state_folder_is_ignored_as_the_specification_says() =>
        Find(("XDG_STATE_HOME", "state")).Pocket.ShouldBe("/h/.local/state/posthouse");

    [Fact]
    public void Without_variables_it_lies_in_the_home_folder()
    {
        Find().Pocket.ShouldBe("/h/.local/state/posthouse");
        Find().UserConfiguration.ShouldBe("/h/.config/posthouse/config.json");
    }

    [Fact]
    public void Where_the_system_has_a_folder_of_its_own_that_is_used() =>
        Places.Find(_ => null, "/h", "/h/Library/Application Support", "/h/Library/Application Support", _folder.FullName)
            .Pocket.ShouldBe("/h/Library/Application Support/Posthouse");

    [Fact]
    public void A_project_is_found_from_a_folder_inside_it()
    {
        var project = _folder.CreateSubdirectory("project");
        project.CreateSubdirectory(".posthouse");
        var inside = project.CreateSubdirectory("a/b");

        var places = Find(inside.FullName);

        places.Project.ShouldBe(project.FullName);
        places.ProjectConfiguration.ShouldBe(Path.Combine(project.FullName, ".posthouse", "config.json"));
    }

    [Fact]
    public void A_station_tells_its_server_in_its_own_folder() => Places.ServeFile("data").ShouldBe(Path.Combine("data", "serve.json"));

    private Places Find(params (string Name, string Value)[] variables) => Find(_folder.FullName, variables);

    private static Places Find(string workingFolder, params (string Name, string Value)[] variables) =>
        Places.Find(name => Array.Find(variables, variable => variable.Name == name).Value, "/h", "/h/.local/share", "/h/.config", workingFolder);
}
