using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _db;

    public SqliteDatabaseTests()
    {
        _db = SqliteDatabase.Open(_folder.File("t.db"), readOnly: false);
        _db.ExecuteScript("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB, n INTEGER); CREATE TABLE other (x);");
    }

    public void Dispose()
    {
        _db.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Opening_makes_a_durable_database_that_only_its_owner_may_read()
    {
        _db.QueryFirst("PRAGMA journal_mode", row => row.Text(0)).ShouldBe("wal");
        _db.Scalar("PRAGMA synchronous").ShouldBe(2);
        _db.Scalar("PRAGMA wal_autocheckpoint").ShouldBe(0);
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            File.GetUnixFileMode(_db.Path + suffix).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, suffix);
        var made = _folder.File("a/b/new.db");
        SqliteDatabase.Open(made, readOnly: false).Dispose();
        File.GetUnixFileMode(_folder.File("a/b")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Arguments_go_to_their_number_whatever_the_order_of_appearance()
    {
        _db.Execute("INSERT INTO t (name, n, id) VALUES ($3, $2, $1)", 7, 20, "x").ShouldBe(1);
        _db.QueryFirst("SELECT id, n, name FROM t WHERE n = $2 AND id = $1 AND n = $2", row => (row.Int64(0), row.Int64(1), row.Text(2)), 7, 20)
            .ShouldBe((7, 20, "x"));
    }

    [Fact]
    public void Every_kind_of_value_comes_back_as_it_went_in()
    {
        ReadOnlyMemory<byte> part = new byte[] { 9, 1, 2, 9 }.AsMemory(1, 2);
        var longText = string.Concat(Enumerable.Repeat("zażółć 🐎 ", 500));
        Stored("", Array.Empty<byte>(), true).ShouldBe(("", "", 1));
        Stored("a\0b", part, long.MinValue).ShouldBe(("a\0b", "0102", long.MinValue));
        Stored(longText, ReadOnlyMemory<byte>.Empty, (long?)null).ShouldBe((longText, "", null));
        Stored((string?)null, (byte[]?)null, SqlValue.Null).ShouldBe((null, null, null));

        (string? Text, string? Hex, long? Number) Stored(SqlValue name, SqlValue body, SqlValue n)
        {
            var id = _db.Insert("INSERT INTO t (name, body, n) VALUES ($1, $2, $3)", name, body, n);
            return _db.QueryFirst(
                "SELECT name, body, n FROM t WHERE id = $1",
                row => (row.TextOrNull(0), row.BytesOrNull(1) is { } bytes ? Convert.ToHexString(bytes) : null, row.Int64OrNull(2)),
                id);
        }
    }

    [Fact]
    public void Reading_a_column_as_another_kind_is_a_bug_and_says_so()
    {
        Should.Throw<InvalidOperationException>(() => _db.QueryFirst("SELECT NULL", row => row.Int64(0))).Message.ShouldContain("NULL");
        Should.Throw<InvalidOperationException>(() => _db.QueryFirst("SELECT 'x'", row => row.Bytes(0))).Message.ShouldContain("text");
    }

    [Fact]
    public void A_wrong_count_of_arguments_is_refused_before_anything_runs()
    {
        Should.Throw<ArgumentException>(() => _db.Execute("INSERT INTO other VALUES ($1)"));
        Should.Throw<ArgumentException>(() => _db.Execute("INSERT INTO other VALUES ($1)", 1, 2));
        Should.Throw<ArgumentException>(() => _db.Execute("INSERT INTO other VALUES (:name)", 1));
        _db.Scalar("SELECT count(*) FROM other").ShouldBe(0);
    }

    [Fact]
    public void A_statement_serves_again_after_it_broke_a_constraint()
    {
        const string Insert = "INSERT INTO t (id, name) VALUES ($1, $2)";
        _db.Begin();
        _db.Execute(Insert, 1, "same");
        var refused = Should.Throw<ConstraintException>(() => _db.Execute(Insert, 2, "same"));
        refused.Code.ShouldBe(ErrorCodes.JobInvalid);
        refused.Message.ShouldContain("t.name");
        _db.Execute(Insert, 2, "other");
        _db.Commit();
        _db.Scalar("SELECT count(*) FROM t").ShouldBe(2);
    }

    [Fact]
    public void A_throwing_mapping_function_leaves_the_statement_usable()
    {
        const string Select = "SELECT 1 UNION ALL SELECT 2";
        Should.Throw<FormatException>(() => _db.Query<long>(Select, _ => throw new FormatException()));
        _db.Query(Select, row => row.Int64(0)).ShouldBe([1, 2]);
    }

    [Fact]
    public void A_mapping_function_may_run_its_own_statement_again()
    {
        const string Select = "SELECT value + $1 FROM json_each('[1,2]')";
        _db.Query(Select, row => row.Int64(0) + _db.Query(Select, inner => inner.Int64(0), 10).Sum(), 0).ShouldBe([24, 25]);
    }

    [Fact]
    public void A_savepoint_undoes_its_part_alone_even_when_nested()
    {
        _db.Begin();
        _db.Execute("INSERT INTO other VALUES (1)");
        _db.Savepoint();
        _db.Execute("INSERT INTO other VALUES (2)");
        _db.Savepoint();
        _db.Execute("INSERT INTO other VALUES (3)");
        _db.RollbackToSavepoint();
        _db.Release();
        _db.Savepoint();
        _db.Execute("INSERT INTO other VALUES (4)");
        _db.RollbackToSavepoint();
        _db.Commit();
        _db.Query("SELECT x FROM other ORDER BY x", row => row.Int64(0)).ShouldBe([1, 2]);
    }

    [Fact]
    public void Rollback_undoes_and_may_be_called_without_a_transaction()
    {
        _db.Begin();
        _db.Execute("INSERT INTO other VALUES (1)");
        _db.Rollback();
        _db.Rollback();
        _db.Scalar("SELECT count(*) FROM other").ShouldBe(0);
    }

    [Fact]
    public void A_reader_sees_one_state_within_its_transaction_and_hears_of_others_commits()
    {
        using var reader = SqliteDatabase.Open(_db.Path, readOnly: true);
        var before = reader.DataVersion;
        reader.BeginRead();
        reader.Scalar("SELECT count(*) FROM other").ShouldBe(0);
        _db.Execute("INSERT INTO other VALUES (1)");
        reader.Scalar("SELECT count(*) FROM other").ShouldBe(0);
        reader.Commit();
        reader.DataVersion.ShouldNotBe(before);
        reader.Scalar("SELECT count(*) FROM other").ShouldBe(1);
        Should.Throw<PosthouseException>(() => reader.Execute("DELETE FROM other")).Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public void A_checkpoint_copies_all_unless_a_reader_is_in_the_way()
    {
        _db.Execute("INSERT INTO other VALUES (1)");
        using (var reader = SqliteDatabase.Open(_db.Path, readOnly: true))
        {
            reader.BeginRead();
            reader.Scalar("SELECT count(*) FROM other").ShouldBe(1);
            _db.Execute("INSERT INTO other VALUES (2)");
            _db.Checkpoint(truncate: true).Done.ShouldBeFalse();
        }

        var (done, frames) = _db.Checkpoint(truncate: false);
        done.ShouldBeTrue();
        frames.ShouldBeGreaterThan(0);
        _db.Checkpoint(truncate: true).Done.ShouldBeTrue();
        new FileInfo(_db.Path + "-wal").Length.ShouldBe(0);
    }

    [Fact]
    public void Many_built_statements_do_not_fill_memory_and_constants_go_on_working()
    {
        for (var i = 0; i < StatementCache.Limit * 3; i++)
        {
            _db.Scalar($"SELECT {i}").ShouldBe(i);
            _db.Scalar("SELECT 5").ShouldBe(5);
        }
    }

    [Fact]
    public void A_hot_statement_allocates_nothing()
    {
        byte[] body = [1, 2, 3];
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1000);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
                _db.Execute("INSERT INTO t (id, name, body) VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET body = $3", 1, "name", body);
        }
    }

    [Fact]
    public void A_file_that_is_no_database_is_called_corrupt()
    {
        var path = _folder.File("letter.db");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("Dear reader, this is a letter. ", 200)));
        Should.Throw<PosthouseException>(() => SqliteDatabase.Open(path, readOnly: false)).Code.ShouldBe(ErrorCodes.StoreCorrupt);
        Should.Throw<PosthouseException>(() => SqliteDatabase.Open(path, readOnly: true)).Code.ShouldBe(ErrorCodes.StoreCorrupt);
    }

    [Fact]
    public void What_cannot_be_opened_is_named_with_what_to_do()
    {
        var missing = Should.Throw<PosthouseException>(() => SqliteDatabase.Open(_folder.File("none.db"), readOnly: true));
        missing.Code.ShouldBe(ErrorCodes.StoreUnavailable);
        missing.Message.ShouldContain("none.db");
        var underFile = Should.Throw<PosthouseException>(() => SqliteDatabase.Open(_db.Path + "/x.db", readOnly: false));
        underFile.Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public void A_read_only_folder_is_reported_as_unavailable()
    {
        // Root may write anywhere, so a folder of the kernel that takes no files stands in for one without permission.
        var folder = Environment.UserName == "root" ? "/proc" : _folder.File("closed");
        if (folder != "/proc")
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Should.Throw<PosthouseException>(() => SqliteDatabase.Open(Path.Combine(folder, "x.db"), readOnly: false)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public void A_foreign_writer_makes_it_busy()
    {
        using var foreign = SqliteDatabase.Open(_db.Path, readOnly: false);
        _db.Begin();
        foreign.ExecuteScript("PRAGMA busy_timeout=0");
        Should.Throw<PosthouseException>(foreign.Begin).Code.ShouldBe(ErrorCodes.StoreBusy);
        _db.Rollback();
        foreign.Begin();
        foreign.Rollback();
    }

    [Fact]
    public void A_full_database_refuses_and_goes_on_after_the_rollback()
    {
        _db.ExecuteScript($"PRAGMA max_page_count={_db.Scalar("PRAGMA page_count") + 2}");
        _db.Begin();
        Should.Throw<PosthouseException>(() => _db.Execute("INSERT INTO other VALUES ($1)", new byte[1 << 20])).Code.ShouldBe(ErrorCodes.StoreFull);
        _db.Rollback();
        _db.Execute("INSERT INTO other VALUES (1)").ShouldBe(1);
    }

    [Theory]
    [InlineData(10, true, ErrorCodes.Unknown)]
    [InlineData(10 | (4 << 8), true, ErrorCodes.Unknown)]
    [InlineData(10 | (4 << 8), false, ErrorCodes.StoreUnavailable)]
    public void An_io_error_leaves_the_outcome_open_only_at_commit(int result, bool committing, string code)
    {
        SqliteErrors.From(result, "disk I/O error", "/x", committing).ShouldBeOfType<StoreIoException>().Code.ShouldBe(code);
    }

    [Fact]
    public void The_library_in_use_is_named_and_new_enough()
    {
        Version.Parse(SqliteLibrary.Version).ShouldBeGreaterThanOrEqualTo(new Version(3, 35));
        SqliteLibrary.Source.ShouldNotBeEmpty();
        _db.QueryFirst("SELECT sqlite_version()", row => row.Text(0)).ShouldBe(SqliteLibrary.Version);
    }
}
