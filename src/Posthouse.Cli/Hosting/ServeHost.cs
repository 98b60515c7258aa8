using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Health;
using Posthouse.AspNetCore.Metrics;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The server: everything it is made of, and its life from the first lock to the last line.</summary>
internal static class ServeHost
{
    /// <summary>Serves until the token is cancelled or the process is asked to end, and then stops gracefully.</summary>
    /// <param name="configuration">The checked configuration.</param>
    /// <param name="dev">Whether development is on.</param>
    /// <param name="ready">Told the real addresses once requests are answered, and what it is made of.</param>
    /// <param name="error">Where the log goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PosthouseException">It could not start; the code says why.</exception>
    public static async Task RunAsync(
        Configuration configuration, bool dev, Action<IReadOnlyList<string>, IServiceProvider> ready, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        var urls = Urls(configuration);
        var folder = Path.GetFullPath(configuration.Required(ConfigurationKeys.DataDirectory));
        using var log = LineLog.Of(configuration, error, time);
        // No folder is made for a server that cannot listen; one that is served already says that, and not that its address is taken.
        if (!Directory.Exists(folder)) { CheckFree(urls); }
        using var held = ServeLock.Take(folder);
        CheckFree(urls);
        var database = StoreMark.OfServer(configuration, folder);
        if (database is not null)
        {
            await StationPostgres.AwaitAsync(database, configuration.Duration(StoreKeys.StartWithin), log.CreateLogger(typeof(ServeHost).FullName!), time, cancellationToken);
        }

        await using var app = Build(configuration, dev, folder, database, log, time);
        foreach (var url in urls) { app.Urls.Add(url); }
        // Opens the store: a host whose services cannot be made could not be stopped either, and would hide why.
        app.Services.GetRequiredService<PosthouseHost>();
        try
        {
            await ServeIvxp.CheckChainAsync(app.Services, cancellationToken);
            await EnterAsync(app, configuration, isShared: database is not null, urls, cancellationToken);
            if (database is not null) { StoreMark.Write(folder, database.Shown); }
            new RunningServer(Reachable(app.Urls.First()), Environment.ProcessId, time.GetUtcNow(), ServeMesh.TokenFile(app.Services)).Announce(folder);
            ready([.. app.Urls], app.Services);
            app.Lifetime.ApplicationStopping.Register(SupervisorNotice.Stopping);
            SupervisorNotice.Ready(app.Urls.First());
            await app.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            RunningServer.Withdraw(folder);
            // Also after a start that failed half-way: the queue ends in order, ahead of the container that it stands on.
            await app.StopAsync(CancellationToken.None);
        }
    }

    private static WebApplication Build(Configuration configuration, bool dev, string folder, StationDatabase? database, LineLog log, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        // There is one configuration, and it has been read: no appsettings.json, no ASPNETCORE_ variables.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log)
            // Why a start fails is thrown, too, and then said once, by the verb.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.ConfigureKestrel(ServerLimits.Apply);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.AddSingleton(time);
        var core = builder.Services.AddPosthouse(options =>
        {
            options.Limits = QueueSettings.Limits(configuration);
            options.Dispatch = QueueSettings.Dispatch(configuration);
        });
        core.AddSchema(StationFacts.Schema);
        if (database is null) { core.UseSqlite(Path.Combine(folder, StorePlace.DatabaseName)); }
        else { StationPostgres.Use(core, database); }

        SharedFolder.Use(core, configuration);
        builder.Services.AddPosthouseMetrics();
        ServeTelemetry.Add(builder.Services, configuration);
        ServeIvxp.Add(builder, configuration, dev);
        ServeMesh.Add(builder.Services, configuration, folder);
        ServeDashboard.Add(builder.Services, configuration, folder);
        var app = builder.Build();
        app.UseForwardedHeaders(ServerLimits.Proxies(configuration));
        app.MapPosthouseHealth();
        ServeTelemetry.Map(app, configuration);
        ServeIvxp.Map(app, configuration, dev);
        ServeMesh.Map(app, configuration, dev);
        ServeDashboard.Map(app, configuration);
        return app;
    }

    /// <summary>Starts it if it agrees with the other servers of its database.</summary>
    private static async Task EnterAsync(WebApplication app, Configuration configuration, bool isShared, string[] urls, CancellationToken cancellationToken)
    {
        await using var starting = isShared ? new StartingServer(app.Services.GetRequiredService<IStore>(), app.Services.GetRequiredService<IIds>()) : null;
        await SharedFolder.OpenAsync(app.Services, configuration, starting);
        if (starting is not null) { await ServeIvxp.CheckWalletAsync(app.Services, starting); }
        await StartAsync(app, urls, cancellationToken);
    }

    private static async Task StartAsync(WebApplication app, string[] urls, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException failure)
        {
            throw CannotListen(urls, failure.Message.TrimEnd('.'), failure);
        }
    }

    private static void CheckFree(string[] urls)
    {
        if (ListenProbe.Taken(urls) is { } why) { throw CannotListen(urls, why, null); }
    }

    private static PosthouseException CannotListen(string[] urls, string why, Exception? failure) => new(ErrorCodes.StoreUnavailable,
        $"The server cannot listen at {string.Join(" and ", urls)} ({why}). Stop what listens there, or name another address with --urls; port 0 takes a free one.", failure);

    private static string[] Urls(Configuration configuration)
    {
        var urls = configuration.Required(ConfigurationKeys.Urls).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var secure = Array.Find(urls, url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        return secure is null ? urls : throw new PosthouseException(ErrorCodes.OptionsInvalid,
            $"{configuration.SourceOf(ConfigurationKeys.Urls)}: {secure} asks for https, which a proxy in front of the server provides; give http addresses");
    }

    /// <summary>An address that means every interface is none that a verb could ask.</summary>
    internal static string Reachable(string url)
    {
        var address = new UriBuilder(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal));
        if (address.Host is "0.0.0.0" or "[::]") { address.Host = "127.0.0.1"; }
        return address.Uri.GetLeftPart(UriPartial.Authority);
    }
}
