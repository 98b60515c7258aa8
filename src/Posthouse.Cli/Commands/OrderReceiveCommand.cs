using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order receive</c>: takes pushes of what was bought, into the pocket, until it is ended.</summary>
internal static class OrderReceiveCommand
{
    /// <summary>The port of the sources' receivers.</summary>
    private const string DefaultUrl = "http://127.0.0.1:6066";

    private static readonly string[] _paths = [IvxpProtocol.Routes.Receive, IvxpProtocol.Routes.Callback];

    public static Command Create(TimeProvider time)
    {
        var urls = new Option<string>("--urls") { Description = "Where to listen; several with semicolons between them", HelpName = "URLS", DefaultValueFactory = _ => DefaultUrl };
        var command = new Command("receive", "Takes what providers push, until Ctrl+C") { urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            await using var app = Build(site, parsed.InvocationConfiguration.Error, parsed.GetRequiredValue(urls).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            await StartAsync(app, cancellationToken);
            Announce(site, [.. app.Urls.Select(ServeHost.Reachable)]);
            await app.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Whole addresses: a provider that is given a part of one pushes to where nobody listens.</summary>
    private static void Announce(OrderSite site, List<string> addresses)
    {
        foreach (var address in addresses)
        {
            site.Say($"Receiving {address}");
            site.Say($"  Give providers: --endpoint {address}{IvxpProtocol.Routes.Receive}");
            site.Say($"  or, where they know that path alone: --endpoint {address}{IvxpProtocol.Routes.Callback}");
        }

        site.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("receiving", addresses[0]);
            json.WriteStartArray("endpoints");
            foreach (var path in _paths) { json.WriteStringValue(addresses[0] + path); }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static WebApplication Build(OrderSite site, TextWriter error, string[] urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);
        var app = builder.Build();
        app.MapPushInbox(site.Pocket.Inbox, answer => site.Say(answer is PushAnswer.Kept
            ? $"{site.Terminal.DoneMark} A result was received, checked and stored"
            : $"{site.Terminal.WarningMark} A push was answered {(int)answer}"));
        app.MapFallback("{*path}", context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            var asked = TextTable.Clean($"{context.Request.Method} {context.Request.Path}", site.Terminal.Unicode);
            return error.WriteLineAsync($"posthouse: {asked} was answered 404: results are received by POST at {string.Join(" and ", _paths)}");
        });
        foreach (var url in urls) { app.Urls.Add(url); }
        return app;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException failure)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable,
                $"Nothing can listen there ({failure.Message.TrimEnd('.')}). Name another address with --urls; port 0 takes a free one.", failure);
        }
    }
}
