using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order receive</c>: takes pushes of what was bought, into the pocket, until it is ended.</summary>
internal static class OrderReceiveCommand
{
    /// <summary>The port of the sources' receivers.</summary>
    private const string DefaultUrl = "http://127.0.0.1:6066";

    public static Command Create(TimeProvider time)
    {
        var urls = new Option<string>("--urls") { Description = "Where to listen; several with semicolons between them", HelpName = "URLS", DefaultValueFactory = _ => DefaultUrl };
        var command = new Command("receive", "Takes what providers push, until Ctrl+C") { urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            await using var app = Build(site, parsed.GetRequiredValue(urls).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            await StartAsync(app, cancellationToken);
            foreach (var url in app.Urls) { site.Say($"Receiving {ServeHost.Reachable(url)}"); }
            site.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("receiving", ServeHost.Reachable(app.Urls.First()));
                json.WriteEndObject();
            });
            await app.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static WebApplication Build(OrderSite site, string[] urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);
        var app = builder.Build();
        app.MapPushInbox(site.Pocket.Inbox, answer => site.Say(answer is PushAnswer.Kept
            ? $"{site.Terminal.DoneMark} A result was received, checked and stored"
            : $"{site.Terminal.WarningMark} A push was answered {(int)answer}"));
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
