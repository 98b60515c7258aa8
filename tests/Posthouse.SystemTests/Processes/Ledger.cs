using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Processes;

/// <summary>What the processes of a test left behind: a database, what they were told, and what the far side was asked.</summary>
internal sealed class Ledger : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-").FullName;

    public string Database => Path.Combine(_folder, "jobs.db");

    public IReadOnlyList<string> Acknowledged => Lines("acknowledged").SelectMany(file => file).ToList();

    /// <summary>What reached the far side, by process.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Effects => Lines("effects");

    /// <summary>Nothing acknowledged is lost, each effect is known by its key, no status went back, and the file is sound.</summary>
    /// <param name="deaths">How often a dispatching process died: each may have left ten effects that were not settled.</param>
    public void ShouldBalance(int deaths)
    {
        using var database = SqliteDatabase.Open(Database, readOnly: true);
        database.QueryFirst("PRAGMA integrity_check", row => row.Text(0)).ShouldBe("ok");
        ShouldBalance(database, deaths * 10);
        if (database.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'app'") == 1)
            database.Query("SELECT id FROM app", row => row.Text(0)).Except(Effects.SelectMany(file => file)).ShouldBeEmpty("a row of the application without its job");
    }

    /// <summary>The same of any database's rows.</summary>
    /// <param name="database">Where the jobs are.</param>
    /// <param name="twice">Effects that may have been asked for more than once.</param>
    public void ShouldBalance(IRead database, int twice)
    {
        var effects = Effects.SelectMany(file => file).ToList();
        var arrived = effects.ToHashSet(StringComparer.Ordinal);
        (effects.Count - arrived.Count).ShouldBeLessThanOrEqualTo(twice, "only what was running at a death may be asked for twice");

        var states = database.Query("SELECT id, state FROM job", row => (Id: row.Text(0), State: (JobState)row.Int64(1)))
            .ToDictionary(job => job.Id, job => job.State, StringComparer.Ordinal);
        states.Where(job => job.Value is not JobState.Done).ShouldBeEmpty();
        Acknowledged.Where(id => !states.ContainsKey(id) && !arrived.Contains(id)).ShouldBeEmpty("lost");
        states.Keys.Where(id => !arrived.Contains(id)).ShouldBeEmpty("done without an effect");
        database.Scalar("SELECT open FROM job_total").ShouldBe(0);
        database.Scalar("SELECT bytes FROM job_total").ShouldBe(0);
        database.Scalar("SELECT file_bytes FROM job_total").ShouldBe(0);
        StatusShouldNeverGoBack(database);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The events of each job that has an owner, held against the law: they are kept until it has seen them.</summary>
    private static void StatusShouldNeverGoBack(IRead database)
    {
        var stands = new Dictionary<string, JobState>(StringComparer.Ordinal);
        foreach (var (subject, kind) in database.Query("SELECT subject, kind FROM event WHERE owner IS NOT NULL ORDER BY position", row => (row.Text(0), row.Text(1))))
        {
            if (kind == JobEventBodies.Accepted)
            {
                stands.TryAdd(subject, JobState.Pending).ShouldBeTrue($"{subject} was accepted twice");
                continue;
            }

            var from = stands[subject];
            var to = kind switch
            {
                JobEventBodies.Done => JobState.Done,
                JobEventBodies.Retried => JobState.Pending,
                JobEventBodies.AttemptFailed => from,
                _ => JobState.Dead,
            };
            // Being claimed has no event, so a waiting job may be seen to end.
            var legal = kind == JobEventBodies.AttemptFailed || JobLaw.Steps.Any(step => step.To == to && (step.From == from || (from is JobState.Pending && step.From is JobState.Running)));
            legal.ShouldBeTrue($"{subject} went from {from} to {to} by {kind}");
            stands[subject] = to;
        }
    }

    private List<IReadOnlyList<string>> Lines(string kind)
    {
        var folder = Path.Combine(_folder, kind);
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(File.ReadAllLines)] : [];
    }
}
