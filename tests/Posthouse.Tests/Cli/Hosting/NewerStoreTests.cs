using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Cli.Commands;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>An older program on a store that a newer one has changed, as after a downgrade.</summary>
public sealed class NewerStoreTests
{
    [Theory]
    [InlineData("core", "serve --urls http://127.0.0.1:0")]
    [InlineData("ivxp", "serve --dev --urls http://127.0.0.1:0")]
    [InlineData("core", "queue status")]
    [InlineData("core", "backup BACKUP")]
    public async Task It_refuses_says_why_and_changes_nothing(string part, string line)
    {
        using var stage = new QueueStage();
        await stage.Enqueue(QueueStage.Draft("mail-1"));
        using (var database = SqliteDatabase.Open(stage.Database, readOnly: false))
        {
            database.Execute("INSERT INTO schema_part (name, version) VALUES ($1, 99) ON CONFLICT (name) DO UPDATE SET version = 99", part);
        }

        var error = new StringWriter();
        var exit = await CommandLine.RunAsync(
            Program.CreateRoot(TimeProvider.System), [.. line.Replace("BACKUP", stage.Data + "-backup", StringComparison.Ordinal).Split(' '), "--data", stage.Data], TextWriter.Null, error);

        exit.ShouldBe(1, error.ToString());
        error.ToString().ShouldMatch("was written by a newer version.*Update this program");
        using var unchanged = SqliteDatabase.Open(stage.Database, readOnly: true);
        unchanged.Scalar("SELECT version FROM schema_part WHERE name = $1", part).ShouldBe(99);
    }
}
