using System.Text;
using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>A store with jobs in every state, and verbs run on it as the program runs them, under a clock that stands still.</summary>
internal sealed class QueueStage : IDisposable
{
    private readonly TempFolder _folder = new();

    public ManualTimeProvider Time { get; } = new();

    public string Data => _folder.Path;

    public string Database => _folder.File("posthouse.db");

    public string File(string name, string text)
    {
        System.IO.File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }

    public static JobDraft Draft(string id, string destination = "") =>
        new(JobId.Parse(id), "mail.send", 1, Encoding.UTF8.GetBytes($$"""{"to":"ann","nr":"{{id}}"}"""), "{}"u8.ToArray()) { Destination = destination };

    /// <summary>Does something to the store that a verb does not.</summary>
    public async Task WithStore(Func<SqliteJobStore, InstanceId, Task> work)
    {
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = Database, Time = Time, Ids = SystemIds.Instance }, new JobRegistry());
        await work(store, await store.JoinAsync(() => { }));
    }

    public Task Enqueue(params JobDraft[] drafts) => WithStore((store, _) => store.EnqueueAsync(drafts));

    /// <summary>Runs the next job and ends it so.</summary>
    public Task Settle(Settlement settlement) => WithStore(async (store, me) =>
    {
        var claimed = await store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromSeconds(60)));
        (await store.SettleAsync(claimed.ShouldHaveSingleItem().Lease, settlement)).ShouldBeTrue();
    });

    public Task Fail(string message = "Nobody knows ann") => Settle(new Settlement(SettlementKind.Dead)
    {
        Counted = true,
        Reason = DeadReason.Rejected,
        Failure = new Failure(FailureKind.Permanent, message) { StatusCode = 422 },
    });

    public async Task<JobRecord> Job(string id)
    {
        JobRecord? row = null;
        await WithStore(async (store, _) => row = await store.GetAsync(JobId.Parse(id)));
        return row!;
    }

    /// <summary>Runs a verb of <c>queue</c>; the folder is left out of the text so that it can be compared.</summary>
    public async Task<(int Exit, string Output, string Error)> Run(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(Program.CreateRoot(Time), ["queue", .. words, "--data", Data], output, error);
        return (exit, Plain(output), Plain(error));
    }

    /// <summary>Runs a verb that goes on until it is interrupted, which happens once it has written so many lines.</summary>
    public async Task<(int Exit, string[] Lines)> RunUntil(int lines, Func<int, Task> after, params string[] words)
    {
        using var interrupt = new CancellationTokenSource();
        using var output = new CountingWriter();
        var verb = CommandLine.RunAsync(Program.CreateRoot(Time), ["queue", .. words, "--data", Data], output, TextWriter.Null, cancellationToken: interrupt.Token);
        for (var seen = 0; !verb.IsCompleted; await Task.Yield())
        {
            while (seen < output.Lines)
            {
                await after(++seen);
                if (seen == lines) { await interrupt.CancelAsync(); }
            }

            if (Time.PendingTimers > 0) { Time.Advance(TimeSpan.FromMilliseconds(500)); }
        }

        return (await verb, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public async Task<JsonElement> Json(params string[] words)
    {
        var (exit, output, error) = await Run([.. words, "--json"]);
        error.ShouldBeEmpty();
        exit.ShouldBe(0);
        var document = JsonDocument.Parse(output).RootElement;
        (document.GetProperty("schema").GetString(), document.GetProperty("command").GetString(), document.GetProperty("ok").GetBoolean())
            .ShouldBe(("posthouse/1", "queue " + words[0], true));
        return document.GetProperty("data");
    }

    public void Dispose() => _folder.Dispose();

    private sealed class CountingWriter : StringWriter
    {
        private int _lines;

        public int Lines => Volatile.Read(ref _lines);

        public override void Write(string? value)
        {
            base.Write(value);
            Interlocked.Add(ref _lines, value!.Count(letter => letter == '\n'));
        }
    }

    // Signs are ASCII or not as the machine's locale says; the text is compared in one form.
    private string Plain(StringWriter writer) =>
        writer.ToString().Replace(Data, "DATA").Replace("✓", "[ok]").Replace("✗", "[failed]").Replace("⚠", "[!]").Replace("ℹ", "[i]").Replace("─", "-");
}
