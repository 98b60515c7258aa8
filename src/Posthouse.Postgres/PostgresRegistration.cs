using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Posthouse.Diagnostics;
using Posthouse.Files;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>Puts the queue of a container into PostgreSQL.</summary>
public static class PostgresRegistration
{
    /// <summary>
    /// Keeps jobs in a PostgreSQL database, whose schema is created when it is missing. Any number of processes that name the same
    /// database and schema share the work.
    /// </summary>
    /// <param name="builder">What <c>AddPosthouse</c> answered.</param>
    /// <param name="connectionString">As Npgsql writes it: <c>Host=…;Database=…;Username=…</c>.</param>
    /// <param name="schema">The schema that holds the tables, 1 to 63 of <c>a-z 0-9 _</c>, a letter first.</param>
    public static PosthouseBuilder UsePostgres(this PosthouseBuilder builder, string connectionString, string schema = "posthouse")
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<IJobStore>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            return PostgresJobStore.Open(new PostgresStoreOptions
            {
                ConnectionString = connectionString,
                Schema = schema,
                Limits = provider.GetRequiredService<PosthouseOptions>().Limits,
                Parts = [.. provider.GetServices<SchemaPart>()],
                Files = PosthouseRegistration.Custody(provider),
                Time = time,
                Ids = provider.GetRequiredService<IIds>(),
                Watch = new StoreWatch(PosthouseRegistration.Logger<PostgresJobStore>(provider), provider.GetRequiredService<PosthouseMetrics>(), time),
            }, provider.GetRequiredService<JobRegistry>());
        }));
        return builder;
    }

    /// <summary>Keeps the files of jobs in the same database, in pieces of a mebibyte, so that the processes need no folder that they share.</summary>
    /// <param name="builder">What <c>AddPosthouse</c> answered.</param>
    /// <param name="connectionString">As for <see cref="UsePostgres"/>.</param>
    /// <param name="schema">The schema of the store.</param>
    public static PosthouseBuilder KeepFilesInPostgres(this PosthouseBuilder builder, string connectionString, string schema = "posthouse")
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<IFileCustody>(provider => new PostgresVault(
            connectionString, schema, provider.GetRequiredService<IIds>(), provider.GetRequiredService<PosthouseOptions>().Limits.MaxFileBytes)));
        return builder.AddSchema(PostgresVault.Schema);
    }
}
