using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Hosting;

namespace Posthouse.Tests.Mesh.Hosting;

public sealed class MeshWarningTests
{
    [Theory]
    [InlineData(1, "Live data again after 1 second")]
    [InlineData(105.01, "Live data again after 105 seconds")]
    [InlineData(121, "Live data again after 2 minutes")]
    public void How_long_an_outage_was_is_not_cut_short(double seconds, string message) =>
        MeshWarning.Of(new NetworkRecovered(TimeSpan.FromSeconds(seconds), 0)).ShouldNotBeNull().Message.ShouldBe(message);

    [Theory]
    [InlineData(true, "No live data sources - serving cached data")]
    [InlineData(false, "No live data sources, and no prices are known yet")]
    public void What_is_served_meanwhile_is_said_only_where_there_is_something(bool hasPrices, string message) =>
        MeshWarning.Of(new AllProvidersOffline(OneNode.Noon, hasPrices)).ShouldNotBeNull().Message.ShouldBe(message);
}
