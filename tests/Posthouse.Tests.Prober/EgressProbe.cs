using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Tests.Ivxp.Egress;

namespace Posthouse.Tests.Prober;

/// <summary>
/// Runs inside a network namespace of its own, where one public address is this machine's and a name server answers what an
/// attacker would. Everything goes out by the real way of pushes; whoever reaches an address that is not the public one
/// counts as inside. Writes what happened as one line of JSON.
/// </summary>
internal static class EgressProbe
{
    /// <summary>Of the public net, and nobody's here: the namespace has no way out.</summary>
    public const string PublicAddress = "203.0.114.1";

    private const int Port = 8088;
    private const int Rebindings = 6;

    private static int _inside;
    private static int _outside;

    public static async Task RunAsync()
    {
        using var names = new ScriptedNames(PublicAddress);
        await using var server = await ListenAsync();
        var spellings = LoopbackSpellings.All(Port);
        var (dialled, answered) = await SpellAsync(spellings);
        var afterSpellings = _inside;
        var open = await SendAsync(Pushes(), "http://pub.test:8088/ivxp/receive");
        var redirect = await SendAsync(Pushes(), "http://pub.test:8088/redirect");
        var rebound = new List<string>();
        for (var i = 0; i < Rebindings; i++)
            rebound.Add(await SendAsync(Pushes(), "http://rebind.test:8088/"));
        var mixed = await SendAsync(Pushes(), "http://mixed.test:8088/");
        var six = await SendAsync(Pushes(), "http://six.test:8088/");
        var guarded = _inside;
        // The same without the guard: shows that the names and the listener do what they are there for.
        var naive = new HttpExchange(new HttpMessageInvoker(GuardedHandlers.Create()), TimeProvider.System);
        foreach (var name in new[] { "private.test", "mixed.test", "localhost", "127.1" })
            await SendAsync(naive, $"http://{name}:8088/");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            spellings = spellings.Distinct().Count(),
            dialled,
            answered,
            afterSpellings,
            open,
            redirect,
            rebound,
            mixed,
            six,
            guarded,
            outside = _outside,
            naive = _inside - guarded,
            asked = names.Asked,
        }));
    }

    private static IExchange Pushes() => IvxpExchanges.Create(new PushOptions(), TimeProvider.System).Push;

    private static async Task<(int Dialled, List<string> Answered)> SpellAsync(IReadOnlyList<string> spellings)
    {
        var (dialled, answered, pushes) = (0, new List<string>(), Pushes());
        foreach (var spelling in spellings)
        {
            if (PushEndpoint.Allowed(spelling, new PushOptions()) is not { } endpoint)
                continue;
            dialled++;
            if (await SendAsync(pushes, endpoint.AbsoluteUri) is var outcome && char.IsAsciiDigit(outcome[0]))
                answered.Add(spelling);
        }
        return (dialled, answered);
    }

    private static async Task<string> SendAsync(IExchange exchange, string url)
    {
        try
        {
            var answer = await exchange.SendAsync(new ExchangeRequest(HttpMethod.Post, new Uri(url)) { Body = "{}"u8.ToArray(), Timeout = TimeSpan.FromSeconds(5) });
            return answer.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            return EgressGuard.IsRefusal(e) ? "refused" : "unreachable";
        }
    }

    private static async Task<WebApplication> ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.ListenAnyIP(Port, Count));
        var app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path == "/redirect")
            {
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                context.Response.Headers.Location = $"http://127.0.0.1:{Port}/";
            }
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>Connections count, whatever is said over them: an https one fails later.</summary>
    private static void Count(ListenOptions listen) => listen.Use(next => connection =>
    {
        var local = ((IPEndPoint)connection.LocalEndPoint!).Address;
        if ((local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local).ToString() == PublicAddress)
            Interlocked.Increment(ref _outside);
        else
            Interlocked.Increment(ref _inside);
        return next(connection);
    });
}
