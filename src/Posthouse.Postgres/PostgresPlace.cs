using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Posthouse.Postgres;

/// <summary>Where a store is: what every connection of it needs to know.</summary>
/// <param name="ConnectionString">With what Posthouse demands of a session.</param>
/// <param name="Schema">The schema.</param>
/// <param name="Gate">The number of the advisory lock that its writers take in turn.</param>
/// <param name="Channel">On which its processes ring.</param>
internal sealed partial record PostgresPlace(string ConnectionString, string Schema, long Gate, string Channel)
{
    /// <summary>How long a group waits for another process before its callers hear STORE_BUSY.</summary>
    private static readonly TimeSpan GateLimit = TimeSpan.FromSeconds(10);

    /// <summary>A process that stands still inside a transaction is cut off after half of that, so that no other one fails for it.</summary>
    private static readonly TimeSpan LongestSilence = GateLimit / 2;

    /// <exception cref="PosthouseException">OPTIONS_INVALID.</exception>
    public static PostgresPlace Of(PostgresStoreOptions options) => Of(options.ConnectionString, options.Schema);

    /// <exception cref="PosthouseException">OPTIONS_INVALID.</exception>
    public static PostgresPlace Of(string connectionString, string schema)
    {
        if (!Name().IsMatch(schema))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{schema}' cannot name a schema: 1 to 63 of a-z 0-9 _ can, a letter first, and no pg_ in front, which is the server's own.");
        }

        try
        {
            var connection = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false,
                MaxAutoPrepare = 256,
                AutoPrepareMinUsages = 2,
                Enlist = false,
                SearchPath = schema,
                ApplicationName = "posthouse",
            };
            connection.Options = $"{connection.Options} -c lock_timeout={GateLimit.TotalMilliseconds:0} -c idle_in_transaction_session_timeout={LongestSilence.TotalMilliseconds:0}".TrimStart();
            var hash = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes("posthouse/" + schema)));
            return new PostgresPlace(connection.ConnectionString, schema, hash, $"posthouse_{schema}");
        }
        catch (ArgumentException e)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The connection string cannot be read: {e.Message}. It is written Host=…;Database=…;Username=…", e);
        }
    }

    [GeneratedRegex("^(?!pg_)[a-z][a-z0-9_]{0,62}$")]
    private static partial Regex Name();
}
