using System.CommandLine;
using Posthouse.Cli.Doctor;
using Posthouse.Cli.Hosting;
using Posthouse.Tests.Vcs.Projects;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>A damaged store is put aside, and what was queued in it is gone from the queue: that is told until somebody dealt with it.</summary>
public sealed class PutAsideTests : IDisposable
{
    private readonly QueueStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task The_verb_that_puts_a_damaged_store_aside_says_so_and_the_next_one_does_not()
    {
        _stage.File("posthouse.db", string.Concat(Enumerable.Repeat("Dear reader, this is a letter. ", 200)));

        (await OpenAsync()).ShouldContain("The store was damaged, and was put aside as " + Aside());
        (await OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Status_sync_and_doctor_tell_of_it_until_the_file_is_removed()
    {
        await _stage.WithStore((_, _) => Task.CompletedTask);
        var aside = _stage.File("posthouse.db.damaged-20260205T100000Z", "");
        _stage.File("posthouse.db.damaged-20260205T100000Z-wal", "");

        (await _stage.Run("status")).ShouldSatisfyAllConditions(status => status.Exit.ShouldBe(0), status => status.Output.ShouldContain("put aside as DATA/posthouse.db.damaged-20260205T100000Z\n"));
        (await _stage.Json("status")).GetProperty("store").GetProperty("put_aside").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldBe("DATA/posthouse.db.damaged-20260205T100000Z");
        (await _stage.Run("sync")).ShouldSatisfyAllConditions(sync => sync.Exit.ShouldBe(8), sync => sync.Output.ShouldContain("put aside as"));
        (await FindingsAsync()).ShouldContain(finding => finding.Health == Health.Notable && finding.Text.EndsWith(aside, StringComparison.Ordinal));

        File.Delete(aside);
        (await _stage.Run("sync")).Exit.ShouldBe(0);
        (await FindingsAsync()).ShouldNotContain(finding => finding.Text.Contains("put aside", StringComparison.Ordinal));
    }

    private async Task<List<Finding>> FindingsAsync()
    {
        var found = new List<Finding>();
        await foreach (var finding in new MachineExam(new PlainGit(), _stage.Data, _stage.Data).RunAsync(CancellationToken.None)) { found.Add(finding); }
        return found;
    }

    private async Task<string> OpenAsync()
    {
        var error = new StringWriter();
        var verb = new Command("lock") { QueueSite.DataOption };
        verb.SetAction((_, _) => _stage.WithStore((_, _) => Task.CompletedTask));
        await CommandLine.RunAsync(new Command("posthouse") { verb }, ["lock", "--data", _stage.Data], TextWriter.Null, error);
        return error.ToString();
    }

    private string Aside() => Directory.GetFiles(_stage.Data, "*.damaged-*").ShouldHaveSingleItem();
}
