using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;

namespace Posthouse.Cli.Hosting;

/// <summary>The services of the configuration: each a price and a command that does the work.</summary>
internal static class IvxpOffers
{
    public static IEnumerable<ServiceOffer> Configured(Configuration configuration, TimeProvider time) =>
        Enumerable.Range(0, configuration.Items(ConfigurationKeys.Services)).Select(item => Read(configuration, $"{ConfigurationKeys.Services}:{item}", time));

    /// <summary>Whether a program could be started: sold work whose program is missing would be paid for first and fail afterwards.</summary>
    private static bool IsThere(string program) => program.Contains(Path.DirectorySeparatorChar)
        ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));

    private static ServiceOffer Read(Configuration configuration, string item, TimeProvider time)
    {
        var type = configuration.Required(item + ":Type");
        var command = configuration.Texts(item + ":Exec");
        if (command.Count == 0)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{configuration.SourceOf(item + ":Type")}: the service {type} names no program; set {item}:Exec:0 to it, and {item}:Exec:1 and on to its arguments");
        }

        if (!IsThere(command[0]))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{configuration.SourceOf(item + ":Exec:0")}: {item}:Exec names the program {command[0]}, which is not there. Write its path, or put it into the PATH.");
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
