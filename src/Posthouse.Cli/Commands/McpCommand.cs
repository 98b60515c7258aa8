using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mcp</c>: the order verbs for an AI agent, over standard input and output, within a budget it was given.</summary>
internal static class McpCommand
{
    public static Command Create(TimeProvider time)
    {
        var budget = new Option<string>("--budget")
        {
            Description = "The most that everything bought this way may cost together, in USDC; counted in the pocket, so that a restart begins nothing anew",
            HelpName = "USDC",
            DefaultValueFactory = _ => "0",
        };
        var command = new Command("mcp", "Lets an AI agent buy within a budget (Model Context Protocol on standard input and output)") { OrderSite.ProviderOption, budget };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var given = parsed.GetRequiredValue(budget);
            var allowance = UsdcAmount.TryParse(given, out var amount) ? amount : throw new PosthouseException(
                ErrorCodes.OptionsInvalid, $"--budget {given}: an amount of USDC such as 5 or 0.25 is taken");
            await using var site = OrderSite.Of(parsed, time);
            await site.Pocket.StartAsync();
            // A method of its own in a class of its own: only here are the protocol's assemblies loaded.
            await McpTools.ServeAsync(site, allowance, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }
}
