using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;

namespace Posthouse.Cli.Hosting;

/// <summary>The services of the configuration: each a price and a command that does the work.</summary>
internal static class IvxpOffers
{
    public static IEnumerable<ServiceOffer> Configured(Configuration configuration, TimeProvider time) =>
        Enumerable.Range(0, configuration.Items(ConfigurationKeys.Services)).Select(item => Read(configuration, $"{ConfigurationKeys.Services}:{item}", time));

    private static ServiceOffer Read(Configuration configuration, string item, TimeProvider time)
    {
        var type = configuration.Required(item + ":Type");
        var command = configuration.Texts(item + ":Exec");
        if (command.Count == 0)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{configuration.SourceOf(item + ":Type")}: the service {type} names no program; set {item}:Exec:0 to it, and {item}:Exec:1 and on to its arguments");
        }

        var price = configuration.Required(item + ":PriceUsdc");
        return UsdcAmount.TryParse(price, out var amount)
            ? new ServiceOffer(type, amount, new ExecHandler(command, configuration.Duration(item + ":TimeLimit"), time))
            {
                EstimatedDeliveryHours = (double)configuration.Amount(item + ":EstimatedDeliveryHours"),
                SignedDownload = configuration.IsOn(item + ":SignedDownload"),
            }
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{item}:PriceUsdc is {price}; USDC has at most six decimals");
    }
}
