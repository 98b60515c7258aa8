namespace Posthouse.Tests.House;

public sealed class LogEventLawTests
{
    [Fact]
    public void Log_event_ids_are_unique_and_in_their_packages_range() => LogEventLaw.Breaches(Tree.Sources()).ShouldBeEmpty();

    [Theory]
    [InlineData("[LoggerMessage(EventId = 2001, Level = LogLevel.Debug)]", "outside the package's range")]
    [InlineData("[LoggerMessage(2001, LogLevel.Debug, \"x\")]", "outside the package's range")]
    [InlineData("[LoggerMessage(Level = LogLevel.Debug)]", "does not give its event id")]
    [InlineData("[LoggerMessage(EventId = 1001)] void A(); [LoggerMessage(EventId = 1001)]", "is taken by")]
    public void A_wrong_event_id_is_found(string attribute, string breach) =>
        LogEventLaw.Breaches([Log(attribute)]).Single().ShouldContain(breach);

    [Fact]
    public void A_right_event_id_passes() => LogEventLaw.Breaches([Log("[LoggerMessage(EventId = 1001)]"), Log("[LoggerMessage(1002, LogLevel.Debug, \"x\")]")]).ShouldBeEmpty();

    private static TextFile Log(string attribute) => new("src/Posthouse/Diagnostics/Log.cs", $"class Log {{ {attribute} void M(); }}");
}
