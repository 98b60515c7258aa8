using Microsoft.Extensions.DependencyInjection;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Retry;
using Posthouse.Tests.Hosting;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Dispatch;

/// <summary>Outcomes that are hard to write, and failures that are hard to classify.</summary>
public sealed class OutcomeWriteTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    private string Database => _folder.File("app.db");

    [Fact]
    public async Task A_write_that_never_succeeds_ends_its_job_like_any_other_failure()
    {
        await using var office = await Office.OpenAsync(Database);
        office.FarSide.Answer = (text, _) => Task.FromResult(Outcome.Done(new Receipt(text), _ => throw new FormatException("no such order")));
        var letter = await office.Queue.EnqueueAsync(new Letter("for an order"));

        var dead = await office.EventAsync<JobDead>();

        (dead.Id, dead.Reason, dead.Attempts, dead.Message).ShouldBe((letter.Id, DeadReason.Poisoned, 1, "no such order"));
        office.FarSide.Received.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_end_of_a_job_makes_room_in_a_full_queue_for_the_one_it_enqueues()
    {
        await using var office = await Office.OpenAsync(Database, options => options.Limits = new QueueLimits { MaxOpenJobs = 1 });
        office.FarSide.Answer = (text, _) => Task.FromResult(Outcome.Done(new Receipt(text), write =>
        {
            if (text == "first")
            {
                write.Enqueue(new Letter("second"));
            }
        }));
        await office.Queue.EnqueueAsync(new Letter("first"));

        await office.EventAsync<JobDone>(which: done => done.Result is Receipt { Text: "second" });

        (await office.Queue.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_classifier_that_throws_costs_no_job_its_settlement()
    {
        var services = new ServiceCollection().AddSingleton(new FarSide { Answer = (_, _) => throw new FormatException("torn") });
        services.AddSingleton<IFailureClassifier, BrokenClassifier>().AddPosthouse().AddPosthouseTestsJobs();
        await using var provider = services.BuildServiceProvider();
        await using var host = await provider.StartPosthouse();

        var completion = await (await host.Queue.EnqueueAsync(new Letter("x"))).Completion.WaitAsync(Office.Patience);

        (completion.State, completion.Reason).ShouldBe((JobState.Dead, DeadReason.Poisoned));
    }

    public void Dispose() => _folder.Dispose();

    private sealed class BrokenClassifier : IFailureClassifier
    {
        public Failure Classify(Exception exception) => throw new InvalidOperationException("The classifier is broken.");
    }
}
