using System.Text.RegularExpressions;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Processes;

/// <summary>
/// The built server sells while each of its writes, flushes and answers is recorded; then the power is cut at random points of
/// that record, each time with other remains of what was not flushed, and the books are opened again.
/// </summary>
public sealed partial class PowerLossTests : IAsyncLifetime
{
    private const int Orders = 60;
    private const string Trace = "trace";

    private readonly MortalProvider _provider = new(folder => DiskTrace.Command(Path.Combine(folder, Trace)));
    private readonly string _remains = Directory.CreateTempSubdirectory("posthouse-remains-").FullName;
    private PushListener _listener = null!;
    private OrderLoad _load = null!;

    public async ValueTask InitializeAsync()
    {
        _listener = await PushListener.StartAsync();
        _load = new OrderLoad(_provider, _listener);
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _listener.DisposeAsync();
        _load.Dispose();
        Directory.Delete(_remains, recursive: true);
    }

    [Fact]
    [Trait("Needs", "strace")]
    public async Task A_power_cut_at_any_moment_loses_nothing_that_was_said_pays_nothing_twice_and_keeps_every_content_whole()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace records the writes");
        await SellAsync();
        var traced = DiskTrace.Read(Path.Combine(_provider.Folder, Trace), _provider.Database).ToList();
        var cuts = Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 2_000 : 200;
        var seed = Environment.ProcessId;
        var payments = _load.Paid.ToDictionary(order => order.Id, order => order.Transaction);

        var found = Replay(traced, cuts, new Random(seed), payments);

        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}; {traced.Count} calls, {cuts} cuts; at the last one {found} orders were owed");
        found.ShouldBeGreaterThan(Orders / 2, "the cuts reach far into the stream");
        // The same checks see what a disk loses that begins to lie about its flushes.
        Should.Throw<ShouldAssertException>(() => Replay(traced, 20, new Random(seed), payments, liesInTheEnd: true));
    }

    private async Task SellAsync()
    {
        await _provider.StartAsync();
        _load.Begin();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (_load.Paid.Count < Orders)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        await _load.EndAsync();
        await _provider.EndAsync();
        // The tracer outlives the program by a moment.
        var trace = Path.Combine(_provider.Folder, Trace);
        while (!Ended().IsMatch(Tail(trace)))
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }

    private int Replay(List<Traced> traced, int cuts, Random random, Dictionary<string, string> payments, bool liesInTheEnd = false)
    {
        var disk = new LossyDisk();
        var from = traced.FindIndex(one => one is Traced.Said said && Accepted().IsMatch(said.Text));
        var at = Enumerable.Range(0, cuts).Select(_ => random.Next(from, traced.Count + 1)).Order().ToList();
        var (quoted, owed, served) = (new HashSet<string>(), new HashSet<string>(), new HashSet<string>());
        for (var (next, cut) = (0, 0); cut < cuts; next++)
        {
            for (; cut < cuts && at[cut] == next; cut++)
            {
                Keep(disk.Cut(random));
                Check(quoted, owed, served, payments);
            }
            if (next == traced.Count)
                break;
            disk.IsHonest = !liesInTheEnd || next < from;
            disk.Do(traced[next]);
            if (traced[next] is Traced.Said { Text: var text })
            {
                quoted.UnionWith(Quoted().Matches(text).Select(match => match.Groups[1].Value));
                owed.UnionWith(Accepted().Matches(text).Select(match => match.Groups[1].Value));
                served.UnionWith(Served().Matches(text).Select(match => match.Groups[1].Value));
            }
        }
        served.ShouldNotBeEmpty("results went out while it was recorded");
        return owed.Count;
    }

    private void Keep(Dictionary<string, MemoryStream> files)
    {
        foreach (var old in Directory.GetFiles(_remains))
            File.Delete(old);
        foreach (var (name, content) in files)
            File.WriteAllBytes(Path.Combine(_remains, Path.GetFileName(name)), content.ToArray());
    }

    private void Check(HashSet<string> quoted, HashSet<string> owed, HashSet<string> served, Dictionary<string, string> payments)
    {
        using var database = SqliteDatabase.Open(Path.Combine(_remains, Path.GetFileName(_provider.Database)), readOnly: false);
        database.QueryFirst("PRAGMA integrity_check", row => row.Text(0)).ShouldBe("ok");
        var states = database.Query("SELECT order_id, state FROM ivxp_order", row => (row.Text(0), row.Text(1))).ToDictionary();
        quoted.Where(id => !states.ContainsKey(id)).ShouldBeEmpty("quotes that were lost");

        var paid = database.Query("SELECT order_id, tx_hash FROM ivxp_payment", row => (row.Text(0), row.Text(1))).ToDictionary();
        owed.Where(id => paid.GetValueOrDefault(id) != payments[id]).ShouldBeEmpty("payments that were lost");
        paid.Values.Distinct().Count().ShouldBe(paid.Count);
        database.Scalar("SELECT count(*) FROM ivxp_order WHERE tx_hash IS NOT NULL").ShouldBe(paid.Count);
        database.Scalar("SELECT count(*) FROM ivxp_order_history WHERE event = 'payment_verified'").ShouldBe(paid.Count, "a payment counts once");
        var open = database.Scalar($"SELECT count(*) FROM job WHERE name = 'ivxp.work' AND state <> {(int)JobState.Done}");
        states.Count(order => order.Value is "paid" or "processing").ShouldBe((int)open, "what is paid and not made has a job that will make it");

        var made = database.Query("SELECT order_id, content_hash, hash, content FROM ivxp_order JOIN ivxp_deliverable USING (order_id)",
            row => (Id: row.Text(0), Promised: row.Text(1), Kept: row.Text(2), Content: row.Bytes(3)));
        made.Where(one => one.Promised != "sha256:" + one.Kept || JsonContent.Parse(one.Content).Hash().Wire != one.Promised).ShouldBeEmpty("contents that are not their hash");
        served.Except(made.Select(one => one.Id)).ShouldBeEmpty("results that were sent and then lost");
    }

    private static string Tail(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, 4_000), SeekOrigin.End);
        return new StreamReader(file).ReadToEnd();
    }

    [GeneratedRegex(@"\+\+\+ exited with 0 \+\+\+\s*\z")]
    private static partial Regex Ended();

    [GeneratedRegex("""^HTTP.*"message_type":"service_quote".*?"order_id":"(ivxp-[0-9a-f-]{36})""", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex("""^HTTP.*"status":"accepted","order_id":"(ivxp-[0-9a-f-]{36})""", RegexOptions.Singleline)]
    private static partial Regex Accepted();

    [GeneratedRegex(""""message_type":"service_delivery".*?"order_id":"(ivxp-[0-9a-f-]{36})"""", RegexOptions.Singleline)]
    private static partial Regex Served();
}
