using Microsoft.Extensions.DependencyInjection;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Hosting;

/// <summary>Files that travel with a job.</summary>
public sealed class EnclosureTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    [Fact]
    public async Task A_file_is_copied_to_safety_read_by_the_handler_and_freed_at_the_end()
    {
        var clock = new ManualTimeProvider();
        await using var office = await Office.OpenAsync(_folder.File("app.db"), time: clock);
        await office.Queue.PauseAsync();
        var original = _folder.File("photo.txt");
        await File.WriteAllTextAsync(original, "a view of the sea");
        var letter = await office.Queue.EnqueueAsync(new Letter("greetings") { Enclosure = JobFile.FromPath(original) });
        File.Delete(original);

        await office.Queue.ResumeAsync();
        (await letter.Completion.WaitAsync(Office.Patience)).Result.ShouldBe(new Receipt("arrived: greetings + a view of the sea"));

        // Until the staging hour is over another enqueue may still count on the copy.
        var (store, custody) = (office.Services.GetRequiredService<IJobStore>(), new FolderVault(_folder.File("vault"), clock, Posthouse.Jobs.SystemIds.Instance));
        await store.SweepAsync(TimeSpan.FromHours(24));
        custody.List().Count().ShouldBe(1);
        clock.Advance(TimeSpan.FromMinutes(61));
        await store.SweepAsync(TimeSpan.FromHours(24));
        custody.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edited_job_keeps_its_file_or_takes_another()
    {
        var clock = new ManualTimeProvider();
        await using var office = await Office.OpenAsync(_folder.File("app.db"), time: clock);
        office.FarSide.Answer = (text, _) => Task.FromResult<Outcome<Receipt>>(text.StartsWith("bad", StringComparison.Ordinal) ? Outcome.Dead("refused") : new Receipt(text));
        var (sea, hill) = (_folder.File("sea.txt"), _folder.File("hill.txt"));
        await File.WriteAllTextAsync(sea, "a view of the sea");
        await File.WriteAllTextAsync(hill, "a hill");
        var letter = await office.Queue.EnqueueAsync(new Letter("bad") { Enclosure = JobFile.FromPath(sea) });
        await letter.Completion.WaitAsync(Office.Patience);

        // The staging hour is over: from here on the reference alone keeps the copy.
        clock.Advance(TimeSpan.FromMinutes(61));
        await office.Queue.PauseAsync();
        var still = await office.Queue.RetryEditedAsync<Letter>(letter.Id, job => job with { Text = "bad still" });
        await office.Services.GetRequiredService<IJobStore>().SweepAsync(TimeSpan.FromHours(24));
        await office.Queue.ResumeAsync();
        await office.EventAsync<JobDead>(which: dead => dead.Id == still);
        var better = await office.Queue.RetryEditedAsync<Letter>(still, job => job with { Text = "good", Enclosure = JobFile.FromPath(hill) });
        await office.EventAsync<JobDone>(which: done => done.Id == better);
        office.FarSide.Received.ShouldBe(["bad + a view of the sea", "bad still + a view of the sea", "good + a hill"]);
    }

    [Fact]
    public async Task A_missing_file_is_refused_before_anything_is_shown()
    {
        await using var office = await Office.OpenAsync(_folder.File("app.db"));
        var refused = await Should.ThrowAsync<PosthouseException>(
            () => office.Queue.EnqueueAsync(new Letter("lost") { Enclosure = JobFile.FromPath(_folder.File("nowhere.txt")) }));
        refused.Code.ShouldBe(ErrorCodes.FileMissing);
        (await office.Queue.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_queue_without_a_vault_says_what_to_configure()
    {
        await using var office = await Office.OpenAsync(database: null);
        var refused = await Should.ThrowAsync<PosthouseException>(
            () => office.Queue.EnqueueAsync(new Letter("lost") { Enclosure = JobFile.FromPath(_folder.File("any.txt")) }));
        (refused.Code, refused.Message).ShouldBe((ErrorCodes.OptionsInvalid, "Job \"test.letter\" has files, and this queue keeps none: configure a vault folder."));
    }

    public void Dispose() => _folder.Dispose();
}
