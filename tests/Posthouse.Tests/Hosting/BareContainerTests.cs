using Microsoft.Extensions.DependencyInjection;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Memory;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Hosting;

/// <summary>The queue in a container without a host, as a console program has it.</summary>
public sealed class BareContainerTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    private string Database => _folder.File("app.db");

    [Fact]
    public async Task The_optimistic_result_is_there_at_once_and_the_real_one_follows()
    {
        await using var office = await Office.OpenAsync(Database);
        var gate = new TaskCompletionSource();
        office.FarSide.Answer = async (text, _) =>
        {
            await gate.Task;
            return new Receipt($"arrived: {text}");
        };

        var letter = await office.Queue.EnqueueAsync(new Letter("hello"));
        letter.Optimistic.Text.ShouldBe("under way: hello");
        letter.Id.Value.ShouldStartWith("letter-");
        letter.Completion.IsCompleted.ShouldBeFalse();

        gate.SetResult();
        var completion = await letter.Completion.WaitAsync(Office.Patience);
        (completion.State, completion.Result, completion.Reason).ShouldBe((JobState.Done, new Receipt("arrived: hello"), null));
    }

    [Fact]
    public async Task What_was_queued_before_the_end_is_sent_after_the_next_start()
    {
        JobId id;
        await using (var first = await Office.OpenAsync(Database, options => options.Dispatches = false))
        {
            id = (await first.Queue.EnqueueAsync(new Letter("late"))).Id;
            first.FarSide.Received.ShouldBeEmpty();
        }

        await using var second = await Office.OpenAsync(Database);
        var done = await second.EventAsync<Posthouse.Queue.JobDone>();
        (done.Id, done.Result).ShouldBe((id, new Receipt("arrived: late")));
        second.FarSide.Received.ShouldBe(["late"]);
    }

    [Fact]
    public async Task A_handler_cut_off_by_the_end_runs_again_after_the_next_start()
    {
        JobId id;
        await using (var first = await Office.OpenAsync(Database))
        {
            var entered = new TaskCompletionSource();
            first.FarSide.Answer = async (_, token) =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return new Receipt("never");
            };
            id = (await first.Queue.EnqueueAsync(new Letter("cut off"))).Id;
            await entered.Task.WaitAsync(Office.Patience);
        }

        await using var second = await Office.OpenAsync(Database);
        (await second.EventAsync<Posthouse.Queue.JobDone>()).Id.ShouldBe(id);
        (await second.Queue.GetAsync(id))!.Attempts.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_database_jobs_live_in_memory()
    {
        await using var office = await Office.OpenAsync(database: null);
        office.Services.GetRequiredService<IJobStore>().ShouldBeOfType<MemoryJobStore>();
        var letter = await office.Queue.EnqueueAsync(new Letter("short-lived"));
        (await letter.Completion.WaitAsync(Office.Patience)).Result.ShouldBe(new Receipt("arrived: short-lived"));
        Should.Throw<InvalidOperationException>(() => office.Services.GetRequiredService<IStore>())
            .Message.ShouldContain("services.AddPosthouse().UseSqlite(\"app.db\");");
    }

    [Fact]
    public async Task A_container_without_the_queue_is_told_the_line_to_write()
    {
        var bare = new ServiceCollection().BuildServiceProvider();
        (await Should.ThrowAsync<InvalidOperationException>(bare.StartPosthouse))
            .Message.ShouldContain("services.AddPosthouse().UseSqlite(\"app.db\");");
    }

    [Fact]
    public async Task A_job_of_no_registered_type_is_told_what_to_call()
    {
        await using var provider = new ServiceCollection().AddPosthouse().Services.BuildServiceProvider();
        await using var host = await provider.StartPosthouse();
        var refused = Should.Throw<PosthouseException>(() => { _ = host.Queue.EnqueueAsync(new Letter("unknown")); });
        refused.Code.ShouldBe(ErrorCodes.JobTypeUnknown);
        refused.Message.ShouldContain("Add…Jobs()");
    }

    [Fact]
    public async Task Every_call_of_AddPosthouse_speaks_of_one_queue()
    {
        var services = new ServiceCollection().AddSingleton(new FarSide());
        services.AddPosthouse().UseSqlite(Database).AddPosthouseTestsJobs();
        services.AddPosthouse(options => options.Dispatches = false);
        await using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<Posthouse.Hosting.PosthouseOptions>();
        (options.Database, options.Dispatches).ShouldBe((Database, false));
    }

    [Fact]
    public async Task What_the_application_registered_first_stays()
    {
        var clock = new ManualTimeProvider();
        await using var office = await Office.OpenAsync(Database, options => options.Dispatches = false, clock);
        var letter = await office.Queue.EnqueueAsync(new Letter("dated"));
        (await office.Queue.GetAsync(letter.Id))!.AcceptedAt.ShouldBe(clock.GetUtcNow());
    }

    public void Dispose() => _folder.Dispose();
}
