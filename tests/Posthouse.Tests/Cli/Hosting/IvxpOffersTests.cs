using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class IvxpOffersTests
{
    [Theory]
    [InlineData("no-program-is-called-so")]
    [InlineData("/nowhere/at/all")]
    public void A_service_whose_program_is_missing_is_refused_before_anybody_can_pay_for_it(string program)
    {
        var failure = Should.Throw<PosthouseException>(() => Offers(program));
        failure.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        failure.Message.ShouldBe($"--set: Ivxp:Services:0:Exec names the program {program}, which is not there. Write its path, or put it into the PATH.");
    }

    [Fact]
    public void A_program_is_found_in_the_PATH_and_by_its_path()
    {
        Offers("sh").ShouldHaveSingleItem().Type.ShouldBe("shout");
        Offers(Environment.ProcessPath!).ShouldHaveSingleItem().Type.ShouldBe("shout");
    }

    private static List<Posthouse.Ivxp.Services.ServiceOffer> Offers(string program) => [.. IvxpOffers.Configured(
        Configuration.From(ConfigurationLayer.FromOptions(["Ivxp:Services:0:Type=shout", "Ivxp:Services:0:PriceUsdc=1", $"Ivxp:Services:0:Exec:0={program}"])), TimeProvider.System)];
}
