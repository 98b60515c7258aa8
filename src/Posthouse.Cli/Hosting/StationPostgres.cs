using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Prices;
using Posthouse.Diagnostics;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Mesh.Cache;
using Posthouse.Postgres;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The one place that speaks with PostgreSQL. Who does not call it loads none of its libraries, which is why nothing here is inlined.</summary>
internal static class StationPostgres
{
    /// <summary>Between two tries of a starting server: what starts beside it takes seconds.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);

    /// <summary>Keeps the jobs of a container there, and their files.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Use(PosthouseBuilder builder, StationDatabase database)
    {
        var connection = database.WithPassword();
        builder.UsePostgres(connection, database.Schema).KeepFilesInPostgres(connection, database.Schema);
    }

    /// <summary>Keeps the prices of a node there, beside its own file.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void KeepPrices(IServiceCollection services, StationDatabase database)
    {
        services.AddSingleton(PostgresPriceTier.Schema);
        services.AddSingleton<IPriceTierFactory>(new PostgresPriceTierFactory(database.WithPassword(), database.Schema));
    }

    /// <summary>The store for a change; it is set up where it is not.</summary>
    /// <exception cref="PosthouseException">As <see cref="PostgresJobStore.Open"/>.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static SqlJobStore Open(StationDatabase database, QueueLimits limits, IReadOnlyList<SchemaPart> parts, TimeProvider time, StoreWatch? watch, JobRegistry registry) =>
        PostgresJobStore.Open(Options(database, time) with { Limits = limits, Parts = parts, Watch = watch }, registry);

    /// <summary>The store for looking only, or null where nobody has set it up.</summary>
    /// <exception cref="PosthouseException">As <see cref="PostgresReader.TryOpen"/>.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IStoreLook? TryLook(StationDatabase database, TimeProvider time) => PostgresReader.TryOpen(Options(database, time));

    /// <summary>Whether a server's process lives, by what it left in the store.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool IsAlive(IRead read, InstanceId instance) => TimedPresence.IsAlive(read, instance);

    /// <summary>Waits until the server answers; what it refuses is not waited for.</summary>
    /// <param name="database">Which.</param>
    /// <param name="within">How long at most.</param>
    /// <param name="logger">Told of each try that fails.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it did not answer in time, or refuses the user. OPTIONS_INVALID.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task AwaitAsync(StationDatabase database, TimeSpan within, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                TryLook(database, time)?.Dispose();
                return;
            }
            catch (StoreIoException away) when (time.GetElapsedTime(begun) < within)
            {
                logger.DatabaseAwaited(database.Shown, away.Message, Math.Ceiling((within - time.GetElapsedTime(begun)).TotalSeconds));
                await Task.Delay(_again, time, cancellationToken);
            }
            catch (StoreIoException away)
            {
                throw new PosthouseException(ErrorCodes.StoreUnavailable, $"{away.Message.TrimEnd('.')}. It is {database.Shown}, and {StoreKeys.StartWithin} says how long a start waits for it.", away);
            }
        }
    }

    private static PostgresStoreOptions Options(StationDatabase database, TimeProvider time) =>
        new() { ConnectionString = database.WithPassword(), Schema = database.Schema, Time = time, Ids = SystemIds.Instance };
}
