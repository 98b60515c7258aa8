using System.Data.Common;

namespace Posthouse.Cli.Hosting;

/// <summary>The PostgreSQL database that a station's store is configured to live in. Nothing here loads the database's library.</summary>
/// <param name="Connection">As it is configured, without a password.</param>
/// <param name="Schema">The schema.</param>
/// <param name="PasswordFile">Where the password is, or null.</param>
internal sealed record StationDatabase(string Connection, string Schema, string? PasswordFile)
{
    private static readonly string[] _secrets = ["password", "pwd", "psw", "ssl password", "sslpassword"];

    /// <summary>Where it is, for people and programs; it names no secret.</summary>
    public string Shown
    {
        get
        {
            var parts = Parts(Connection);
            return $"postgresql://{First(parts, "host", "server", "data source")}{(First(parts, "port") is { Length: > 0 } port ? ":" + port : "")}/{First(parts, "database", "db")}?schema={Schema}";
        }
    }

    /// <summary>The configured one, or null where the store is a file.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the connection cannot be read, or has a password in it.</exception>
    public static StationDatabase? Of(Configuration configuration)
    {
        if (configuration.Text(StoreKeys.Connection) is not { Length: > 0 } connection) { return null; }

        var parts = Parts(connection);
        if (First(parts, _secrets).Length > 0)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{configuration.SourceOf(StoreKeys.Connection)}: {StoreKeys.Connection} has a password in it, which arguments and listings would show. Put it into a file of its own and name that in {StoreKeys.PasswordFile}.");
        }

        return new StationDatabase(connection, configuration.Required(StoreKeys.Schema), configuration.Text(StoreKeys.PasswordFile));
    }

    /// <summary>The connection with its password, for the database's library and nobody else.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the password's file cannot be used.</exception>
    public string WithPassword()
    {
        if (PasswordFile is null) { return Connection; }

        var parts = Parts(Connection);
        parts["Password"] = SecretFile.Read(PasswordFile);
        return parts.ConnectionString;
    }

    private static DbConnectionStringBuilder Parts(string connection)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = connection };
        }
        catch (ArgumentException)
        {
            // Not the text itself, which may hold a password.
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{StoreKeys.Connection} cannot be read; it is written Host=…;Database=…;Username=…");
        }
    }

    private static string First(DbConnectionStringBuilder parts, params string[] names) =>
        names.Select(name => parts.TryGetValue(name, out var value) ? value.ToString() : null).FirstOrDefault(value => value is not null) ?? "";
}
