using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SchemaPartsTests : IDisposable
{
    private static readonly SchemaPart One = Part("jobs", "CREATE TABLE a (x); CREATE INDEX ax ON a (x)");
    private static readonly SchemaPart Two = Part("jobs", "CREATE TABLE a (x); CREATE INDEX ax ON a (x)", "ALTER TABLE a ADD COLUMN y");
    private static readonly SchemaPart Broken = Part("orders", "CREATE TABLE b (x)", "ALTER TABLE nowhere ADD COLUMN y");

    private readonly TempFolder _folder = new();
    private readonly string _path;
    private readonly SqliteDatabase _db;

    public SchemaPartsTests()
    {
        _path = _folder.File("t.db");
        _db = SqliteDatabase.Open(_path, readOnly: false);
    }

    private string Copy => _path + ".before-upgrade";

    public void Dispose()
    {
        _db.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_new_database_gets_all_parts_without_a_copy()
    {
        SchemaParts.Apply(_db, _path, [Two, Part("mesh", "CREATE TABLE m (x)")]);
        _db.Query("SELECT name, version FROM schema_part ORDER BY name", row => (row.Text(0), row.Int64(1))).ShouldBe([("jobs", 2), ("mesh", 1)]);
        _db.Scalar("SELECT count(y) FROM a").ShouldBe(0);
        File.Exists(Copy).ShouldBeFalse();
    }

    [Fact]
    public void An_upgrade_applies_only_what_is_new_and_keeps_the_old_state_until_it_is_forgotten()
    {
        SchemaParts.Apply(_db, _path, [One]);
        _db.Execute("INSERT INTO a VALUES (1)");
        SchemaParts.Apply(_db, _path, [Two]);
        _db.Scalar("SELECT count(*) FROM a WHERE y IS NULL").ShouldBe(1);
        File.GetUnixFileMode(Copy).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (var old = SqliteDatabase.Open(Copy, readOnly: true))
        {
            old.Scalar("SELECT version FROM schema_part").ShouldBe(1);
            old.Scalar("SELECT x FROM a").ShouldBe(1);
        }

        SchemaParts.Apply(_db, _path, [Two]);
        SchemaParts.ForgetCopy(_path).ShouldBeTrue();
        File.Exists(Copy).ShouldBeFalse();
        SchemaParts.ForgetCopy(_path).ShouldBeFalse();
    }

    [Fact]
    public void A_newer_database_is_refused_untouched()
    {
        SchemaParts.Apply(_db, _path, [Two]);
        var refused = Should.Throw<PosthouseException>(() => SchemaParts.Apply(_db, _path, [One, Part("mesh", "CREATE TABLE m (x)")]));
        refused.Code.ShouldBe(ErrorCodes.SchemaNewer);
        _db.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'm'").ShouldBe(0);
    }

    [Fact]
    public void A_failing_migration_undoes_every_part()
    {
        SchemaParts.Apply(_db, _path, [One]);
        Should.Throw<InvalidOperationException>(() => SchemaParts.Apply(_db, _path, [Two, Broken]));
        _db.InTransaction.ShouldBeFalse();
        _db.Scalar("SELECT version FROM schema_part").ShouldBe(1);
        _db.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'b'").ShouldBe(0);
    }

    [Fact]
    public void Two_parts_of_one_name_are_a_bug() =>
        Should.Throw<InvalidOperationException>(() => SchemaParts.Apply(_db, _path, [One, Two])).Message.ShouldContain("jobs");

    private static SchemaPart Part(string name, params string[] migrations) => new(name, [.. migrations.Select(sql => (sql, sql))], []);
}
