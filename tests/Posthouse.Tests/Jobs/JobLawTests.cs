using System.Text.RegularExpressions;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.House;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Jobs;

/// <summary>The drawing in DESIGN.md, the table in JobLaw.cs and the constraints of the schema are one law.</summary>
public sealed partial class JobLawTests
{
    private const string Design = "src/Posthouse/DESIGN.md";

    [Fact]
    public void The_drawing_shows_the_steps_of_the_law_and_no_others() =>
        Arrow().Matches(Tree.Read(Design).Text).Select(arrow => (Enum.Parse<JobState>(arrow.Groups[1].Value), Enum.Parse<JobState>(arrow.Groups[2].Value), arrow.Groups[3].Value))
            .ShouldBe(JobLaw.Steps);

    [Fact]
    public async Task The_schema_takes_exactly_the_rows_that_the_law_allows()
    {
        using var folder = new TempFolder();
        var path = folder.File("jobs.db");
        await SqliteJobStore.Open(new SqliteStoreOptions { Path = path, Time = new ManualTimeProvider(), Ids = SystemIds.Instance }, new JobRegistry()).DisposeAsync();
        using var database = SqliteDatabase.Open(path, readOnly: false);
        database.Begin();
        var rows = AllRows().ToList();
        rows.Where(row => Takes(database, row) != Lawful(row)).ShouldBeEmpty();
        rows.Count(Lawful).ShouldBeGreaterThan(4);
        rows.Where(Lawful).Select(row => (JobState)row.State).Distinct().ShouldBe(Enum.GetValues<JobState>(), ignoreOrder: true);
    }

    [Fact]
    public void Every_crash_point_stands_in_the_design_and_in_the_code_once_a_project()
    {
        Point().Matches(Tree.Read(Design).Text).Select(row => (int.Parse(row.Groups[1].Value), row.Groups[2].Value))
            .ShouldBe(Enum.GetValues<CrashAt>().Select(point => ((int)point, point.ToString())));
        var calls = Tree.Sources().SelectMany(file => Call().Matches(file.Text).Select(call => (Project: file.Segments[1], Point: call.Groups[1].Value))).ToList();
        calls.ShouldBeUnique();
        calls.Select(call => call.Point).Distinct().ShouldBe(Enum.GetNames<CrashAt>(), ignoreOrder: true);
    }

    /// <summary>The law of rows: what each state carries.</summary>
    private static bool Lawful(Row row) => Enum.IsDefined((JobState)row.State)
        && row.Gate is not null == ((JobState)row.State is JobState.Pending)
        && row.Hold is not null == (row.Gate is (long)Gate.Hold)
        && row.Lease is not null == ((JobState)row.State is JobState.Running)
        && row.Instance is not null == ((JobState)row.State is JobState.Running)
        && row.Result is not null == ((JobState)row.State is JobState.Done)
        && row.Reason is not null == ((JobState)row.State is JobState.Dead)
        && row.Ended is not null == ((JobState)row.State is JobState.Done or JobState.Dead);

    private static bool Takes(SqliteDatabase database, Row row)
    {
        database.Savepoint();
        try
        {
            database.Execute("""
                INSERT INTO job(id, name, version, destination, priority, run_at, created_at, when_dead, bytes, payload, optimistic,
                                state, gate, hold, reason, lease_until, instance, result, ended_at)
                VALUES ('a', 'a', 1, '', 0, 0, 0, 0, 0, x'', x'', $1, $2, $3, $4, $5, $6, $7, $8)
                """, row.State, row.Gate, row.Hold, row.Reason, row.Lease, row.Instance, row.Result, row.Ended);
            return true;
        }
        catch (ConstraintException)
        {
            return false;
        }
        finally
        {
            database.RollbackToSavepoint();
        }
    }

    private static IEnumerable<Row> AllRows() =>
        from state in new long[] { 0, 1, 2, 3, 4 }
        from gate in new long?[] { null, 0, 1, 2, 3 }
        from hold in new long?[] { null, 1 }
        from reason in new long?[] { null, 1, 8 }
        from lease in new long?[] { null, 5 }
        from instance in new[] { null, "i" }
        from result in new byte[]?[] { null, [1] }
        from ended in new long?[] { null, 5 }
        select new Row(state, gate, hold, reason, lease, instance, result, ended);

    private sealed record Row(long State, long? Gate, long? Hold, long? Reason, long? Lease, string? Instance, byte[]? Result, long? Ended);

    [GeneratedRegex(@"^    (\w+) --> (\w+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Point();

    [GeneratedRegex(@"CrashPoint\.Reached\(CrashAt\.(\w+)\)")]
    private static partial Regex Call();
}
