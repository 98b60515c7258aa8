using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Hosting;
using Posthouse.Mesh.Hosting;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse serve</c>: keeps and runs jobs, and answers HTTP, until it is asked to end.</summary>
internal static class ServeCommand
{
    /// <summary>What development needs and nobody else should have: play money, and deliveries to this very machine.</summary>
    private static readonly GivenValue[] _development =
    [
        new(ConfigurationKeys.Network, "base-sepolia", "--dev"),
        new(ConfigurationKeys.PushAllowPrivateEndpoints, "true", "--dev"),
        // Tests and load generators are all at one address.
        new(ConfigurationKeys.LimitRequests, "10000000", "--dev"),
        new(ConfigurationKeys.LimitUnknownOrders, "10000", "--dev"),
        // A mesh of one, with made-up prices, that anybody on this machine may join.
        new(MeshKeys.Enabled, "true", "--dev"),
        new(MeshKeys.Trust, "open", "--dev"),
        new(MeshKeys.SourceUse, "replay", "--dev"),
        // A step of the sample each second: at its own pace, every 30 s, each fetch would just miss the next one.
        new(MeshKeys.SourceSpeed, "30", "--dev"),
        new(MeshKeys.Provide, "true", "--dev"),
    ];

    public static Command Create(TimeProvider time)
    {
        var dev = new Option<bool>("--dev") { Description = "Serves for development: a chain of its own with play money, sample services, private addresses" };
        var urls = new Option<string?>("--urls") { Description = "Where to listen; several with semicolons between them; port 0 takes a free one", HelpName = "URLS" };
        var data = new Option<string?>("--data") { Description = "The folder for everything the server keeps", HelpName = "DIR" };
        var command = new Command("serve", "Runs the server") { dev, urls, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var development = parsed.GetValue(dev);
            var given = new[] { Given(ConfigurationKeys.Urls, parsed.GetValue(urls), "--urls"), Given(ConfigurationKeys.DataDirectory, parsed.GetValue(data), "--data") };
            var configuration = CommandLine.Configuration(parsed, development ? _development : [], given.OfType<GivenValue>());
            var output = parsed.InvocationConfiguration.Output;
            await ServeHost.RunAsync(configuration, development, (urls, services) => Announce(output, configuration, development, urls, services),
                parsed.InvocationConfiguration.Error, time, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static GivenValue? Given(string key, string? value, string option) => value is null ? null : new GivenValue(key, value, option);

    private static void Announce(TextWriter output, Configuration configuration, bool development, IReadOnlyList<string> urls, IServiceProvider services)
    {
        var shop = services.GetService<IvxpOptions>();
        foreach (var url in urls) { output.WriteLine($"Serving {url}"); }
        output.WriteLine($"  Data:   {Path.GetFullPath(configuration.Required(ConfigurationKeys.DataDirectory))}");
        output.WriteLine($"  Health: {ServeHost.Reachable(urls[0])}/health");
        output.WriteLine(shop is null
            ? $"  Sells:  nothing; {ConfigurationKeys.Services} in the configuration says what"
            : $"  Sells:  {string.Join(", ", shop.Services.Select(offer => $"{offer.Type} {offer.Price} USDC"))}");
        if (shop is not null) { output.WriteLine($"  Wallet: {shop.Wallet.Address} on {configuration.Text(ConfigurationKeys.Network)}"); }
        if (services.GetService<MeshHost>() is { Node: var node })
        {
            output.WriteLine($"  Mesh:   {configuration.Text(MeshKeys.Network)} as {node.Id}{(node.IsProvider ? ", providing prices" : "")}; {node.GetAllPriceData().Count} price(s) known");
            output.WriteLine($"  Key:    {node.PublicKey}");
            output.WriteLine($"  Token:  {ServeMesh.TokenFile(services)}");
            output.WriteLine($"  Prices: {ServeHost.Reachable(urls[0])}/api/mesh/prices");
        }

        if (development)
        {
            output.WriteLine("  Development sets, unless told otherwise:");
            foreach (var (key, _, _, _) in _development)
            {
                var source = configuration.SourceOf(key);
                output.WriteLine($"    {key} = {configuration.Text(key)}{(source == "--dev" ? "" : $" ({source})")}");
            }

            if (ServeMesh.TellsOwnAddress(configuration, development)) { output.WriteLine($"    {MeshKeys.Address} = {new Uri(ServeHost.Reachable(urls[0])).Authority}"); }
        }

        output.Flush();
    }
}
