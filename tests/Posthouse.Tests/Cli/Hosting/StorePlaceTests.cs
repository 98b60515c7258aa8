using Posthouse.Cli.Hosting;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class StorePlaceTests
{
    [Theory]
    [InlineData(null, false, true, "/s/posthouse.db (station)")]
    [InlineData(null, false, false, "/p/posthouse.db (pocket)")]
    [InlineData(null, true, true, "/p/posthouse.db (pocket)")]
    [InlineData("/g", true, true, "/g/posthouse.db")]
    public void The_store_is_the_pockets_inside_a_project_and_else_the_stations_if_one_is_here(string? given, bool inProject, bool stationExists, string title)
    {
        var places = new Places { Pocket = "/p", UserConfiguration = "/u", Project = inProject ? "/project" : null };
        var place = StorePlace.Choose(places, "/s", given, path => stationExists && path == Path.Combine("/s", "posthouse.db"), (_, _) => null);

        place.Title.ShouldBe("Store: " + title);
    }

    [Fact]
    public void A_file_in_the_way_of_the_store_is_named()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.File("taken"), "");
        var failure = Should.Throw<PosthouseException>(new StorePlace(StoreKind.Pocket, temp.File("taken")).Prepare);

        failure.Code.ShouldBe(ErrorCodes.StoreUnavailable);
        failure.Message.ShouldBe($"The folder {temp.File("taken")} cannot hold your store: a file stands there\nThe variable POSTHOUSE_HOME names another folder.");
    }
}
