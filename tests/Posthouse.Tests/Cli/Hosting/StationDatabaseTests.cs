using Npgsql;
using Posthouse.Cli.Hosting;
using Posthouse.Postgres;
using Posthouse.Storage;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>Which database a station's store is in, and what is said where it cannot be had.</summary>
public sealed class StationDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Host=db;Database=app;Username=app", "postgresql://db/app?schema=posthouse")]
    [InlineData("Server=db;Port=5433;DB=app;User Id=app", "postgresql://db:5433/app?schema=posthouse")]
    public void Where_it_is_is_shown_without_who_signs_in(string connection, string shown) => Configured($"Store:Postgres:Connection={connection}")!.Shown.ShouldBe(shown);

    [Theory]
    [InlineData("Host=db;Password=sesame")]
    [InlineData("Host=db;pwd=sesame")]
    [InlineData("Host=db;=sesame")]
    [InlineData("Host=db;SSL Password=sesame")]
    public void A_password_in_the_connection_is_refused_and_not_repeated(string connection)
    {
        var failure = Should.Throw<PosthouseException>(() => Configured($"Store:Postgres:Connection={connection}"));
        failure.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        failure.Message.ShouldContain("Store:Postgres:Connection");
        failure.Message.ShouldNotContain("sesame");
    }

    [Fact]
    public void The_password_comes_from_a_file_of_its_owner_alone()
    {
        var path = _folder.File("secret");
        File.WriteAllText(path, "sesame;\"open\"\n");
        var database = Configured("Store:Postgres:Connection=Host=db", "Store:Postgres:PasswordFile=" + path)!;
        Should.Throw<PosthouseException>(database.WithPassword).Message.ShouldContain("chmod 600");
        File.Delete(path);
        Durable.WriteAllBytesAtomically(path, "sesame;\"open\"\n"u8);

        new NpgsqlConnectionStringBuilder(database.WithPassword()).Password.ShouldBe("sesame;\"open\"");
        database.Shown.ShouldNotContain("sesame");
    }

    [Fact]
    public void A_folder_with_a_file_is_not_served_from_a_database_nor_the_other_way_round()
    {
        var (file, database) = (Configuration.From(), Settings("Store:Postgres:Connection=Host=db;Database=app"));
        StoreMark.OfServer(file, _folder.Path).ShouldBeNull();
        StoreMark.OfServer(database, _folder.Path)!.Shown.ShouldBe("postgresql://db/app?schema=posthouse");
        StoreMark.OfVerb(database, _folder.Path, isStation: false).ShouldBeNull();

        File.WriteAllText(_folder.File("posthouse.db"), "");
        Refused(() => StoreMark.OfServer(database, _folder.Path)).ShouldContain("posthouse store move");
        StoreMark.OfVerb(database, _folder.Path, isStation: true).ShouldBeNull();

        StoreMark.Write(_folder.Path, "postgresql://db/app?schema=posthouse");
        StoreMark.OfServer(database, _folder.Path).ShouldNotBeNull();
        StoreMark.OfVerb(database, _folder.Path, isStation: false).ShouldNotBeNull();
        Refused(() => StoreMark.OfServer(file, _folder.Path)).ShouldContain("The store of " + _folder.Path + " is postgresql://db/app?schema=posthouse");
        Refused(() => StoreMark.OfServer(Settings("Store:Postgres:Connection=Host=db;Database=other"), _folder.Path)).ShouldContain("postgresql://db/other?schema=posthouse");
    }

    [Fact]
    public async Task A_server_that_is_away_is_waited_for_and_each_try_is_told()
    {
        var (log, time) = (new LogLines<StationDatabaseTests>(), new ManualTimeProvider());
        var socket = new NpgsqlConnectionStringBuilder(PostgresServer.One.ConnectionString).Host + "/.s.PGSQL.5432";
        var waiting = StationPostgres.AwaitAsync(new StationDatabase($"Host={_folder.Path};Username=posthouse;Database=postgres", "posthouse", null), TimeSpan.FromSeconds(30), log, time, CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();
        log.Lines.ShouldHaveSingleItem().ShouldStartWith($"6005 postgresql://{_folder.Path}/postgres?schema=posthouse does not answer yet, and is waited for up to 30 s more");

        File.CreateSymbolicLink(_folder.File(".s.PGSQL.5432"), socket);
        time.Advance(TimeSpan.FromSeconds(1));
        await waiting.WaitAsync(PostgresGround.SafetyNet);
    }

    [Fact]
    public async Task A_server_that_stays_away_is_an_error_with_a_code()
    {
        var database = new StationDatabase($"Host={_folder.Path};Username=posthouse;Database=postgres", "posthouse", null);
        var failure = await Should.ThrowAsync<PosthouseException>(() => StationPostgres.AwaitAsync(database, TimeSpan.Zero, new LogLines<StationDatabaseTests>(), TimeProvider.System, CancellationToken.None));
        failure.Code.ShouldBe(ErrorCodes.StoreUnavailable);
        failure.Message.ShouldContain("Store:Postgres:StartWithin");
    }

    [Theory]
    [InlineData(PostgresErrorCodes.InvalidPassword, "password authentication failed for user \"app\"", ErrorCodes.StoreUnavailable, "Check the user's name and password")]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, "database \"app\" does not exist", ErrorCodes.StoreUnavailable, "Create it")]
    [InlineData(PostgresErrorCodes.ProtocolViolation, "unsupported startup parameter: options", ErrorCodes.OptionsInvalid, "pool_mode = session")]
    public void What_the_server_refuses_says_what_to_do(string state, string said, string code, string hint)
    {
        var failure = PostgresErrors.From(new PostgresException(said, "FATAL", "FATAL", state)).ShouldBeOfType<PosthouseException>();
        failure.Code.ShouldBe(code);
        failure.Message.ShouldContain(said);
        failure.Message.ShouldContain(hint);
    }

    [Fact]
    public void A_server_that_is_too_old_is_refused()
    {
        PostgresFitness.CheckVersion(new Version(14, 0));
        Should.Throw<PosthouseException>(() => PostgresFitness.CheckVersion(new Version(13, 12))).Message.ShouldContain("of version 13.12; this store needs 14");
    }

    [Fact]
    public async Task A_schema_of_somebody_else_is_refused_and_ones_own_needs_no_right_to_make_others()
    {
        var (server, user, foreign, own) = (PostgresServer.One, PostgresServer.NewSchema(), PostgresServer.NewSchema(), PostgresServer.NewSchema());
        await server.AskAsync($"CREATE ROLE {user} LOGIN; CREATE SCHEMA {foreign}; CREATE SCHEMA {own} AUTHORIZATION {user}");
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = user }.ConnectionString;

        var failure = Should.Throw<PosthouseException>(() => Open(foreign));
        (failure.Code, failure.Message.Contains("owner of the schema", StringComparison.Ordinal)).ShouldBe((ErrorCodes.StoreUnavailable, true));
        Should.Throw<PosthouseException>(() => Open(PostgresServer.NewSchema())).Message.ShouldContain("CREATE on the database");
        await using var store = Open(own);
        (await store.CountAsync()).Open.ShouldBe(0);

        SqlJobStore Open(string schema) =>
            StationPostgres.Open(new StationDatabase(connection, schema, null), new(), [], TimeProvider.System, null, new Posthouse.Jobs.JobRegistry());
    }

    private static Configuration Settings(params string[] sets) => Configuration.From(ConfigurationLayer.FromOptions(sets));

    private static StationDatabase? Configured(params string[] sets) => StationDatabase.Of(Settings(sets));

    private static string Refused(Func<StationDatabase?> ask)
    {
        var failure = Should.Throw<PosthouseException>(ask);
        failure.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        return failure.Message;
    }
}
