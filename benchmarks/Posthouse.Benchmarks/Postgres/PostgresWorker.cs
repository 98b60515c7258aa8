using Posthouse.Benchmarks.Queue;
using Posthouse.Postgres;

namespace Posthouse.Benchmarks.Postgres;

/// <summary>One of several processes that share the work: dispatches until its input ends, and says how many jobs it ran.</summary>
public static class PostgresWorker
{
    /// <summary>The argument that makes this program the worker.</summary>
    public const string Role = "dispatch-from-postgres";

    public static async Task<int> WorkAsync(string connectionString, string schema)
    {
        await using (var subject = await Subject.StartAsync(builder => builder.UsePostgres(connectionString, schema), dispatches: true))
        {
            Console.Out.WriteLine("ready");
            await Console.In.ReadToEndAsync();
            Console.Out.WriteLine(subject.Calls.Count);
        }

        return 0;
    }
}
