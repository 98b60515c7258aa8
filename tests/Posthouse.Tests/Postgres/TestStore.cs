using System.Collections.Concurrent;
using Posthouse.Hosting;
using Posthouse.Postgres;

namespace Posthouse.Tests.Postgres;

/// <summary>
/// The store of a room's tests: a SQLite file, or with POSTHOUSE_TEST_STORE=postgres a schema of its own on the run's server. What a
/// room promises has to hold on both.
/// </summary>
internal static class TestStore
{
    private static readonly bool s_isPostgres = Environment.GetEnvironmentVariable("POSTHOUSE_TEST_STORE") == "postgres";
    private static readonly ConcurrentDictionary<string, string> s_schemas = [];

    /// <summary>Keeps jobs and rooms where the run wants them.</summary>
    /// <param name="builder">What <c>AddPosthouse</c> answered.</param>
    /// <param name="path">The file; the same path is the same store.</param>
    public static PosthouseBuilder UseTestStore(this PosthouseBuilder builder, string path) => s_isPostgres
        ? builder.UseSqlite(path).UsePostgres(PostgresServer.One.ConnectionString, s_schemas.GetOrAdd(path, _ => PostgresServer.NewSchema()))
        : builder.UseSqlite(path);
}
