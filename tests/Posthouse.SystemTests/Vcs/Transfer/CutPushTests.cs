using System.Diagnostics;
using Posthouse.Vcs;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

/// <summary>A large push over a line that is cut three times, beside what plain Git does on the same line.</summary>
public sealed class CutPushTests(ITestOutputHelper output)
{
    private const int Mebibyte = 1 << 20;
    private const int Cuts = 3;

    private static bool IsLong => Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1";

    /// <summary>A sixteenth of the size in the short run: the same number of files, batches and cuts.</summary>
    private static int Unit => IsLong ? Mebibyte : Mebibyte / 16;

    [Fact]
    public async Task A_push_of_many_files_that_is_cut_three_times_sends_at_most_a_quarter_more()
    {
        using var shop = await Workshop.OpenAsync();
        await using var server = GitHttpServer.Start(Path.GetDirectoryName(shop.Bare)!);
        var mine = await shop.CloneAsync("ana", server.Url(Path.GetFileName(shop.Bare)));
        var commit = await mine.CommitRandomAsync(64, 4 * Unit);
        await PushCutAsync(server, mine, commit, 256L * Unit, 16L * Unit, atMost: 1.25);
        await SameAsync(shop, mine);
    }

    [Fact]
    public async Task A_single_large_file_is_the_granularity()
    {
        // Four files of four batches each: a cut costs at most one file, which is what Git itself cannot divide.
        using var shop = await Workshop.OpenAsync();
        await using var server = GitHttpServer.Start(Path.GetDirectoryName(shop.Bare)!);
        var mine = await shop.CloneAsync("ana", server.Url(Path.GetFileName(shop.Bare)));
        var commit = await mine.CommitRandomAsync(4, 64 * Unit);
        await PushCutAsync(server, mine, commit, 256L * Unit, 16L * Unit, atMost: 1 + (Cuts * 64.0 / 256) + 0.05);
        await SameAsync(shop, mine);
    }

    [Fact]
    public async Task Plain_git_on_the_same_line_sends_everything_again()
    {
        using var shop = await Workshop.OpenAsync();
        await using var server = GitHttpServer.Start(Path.GetDirectoryName(shop.Bare)!);
        var mine = await shop.CloneAsync("ana", server.Url(Path.GetFileName(shop.Bare)));
        await mine.CommitRandomAsync(64, 4 * Unit);
        var size = 256L * Unit;
        var tries = 0;
        for (var isDone = false; !isDone; tries++)
        {
            if (tries < Cuts)
                server.CutAfter(size * (tries + 1) / (Cuts + 1));
            isDone = (await Workshop.Git.RunAsync(new(mine.Root, "push", "--porcelain", "origin", "main") { Timeout = null }, default)).ExitCode == 0;
        }

        var ratio = (double)server.BytesReceived / size;
        output.WriteLine($"plain git push: {server.BytesReceived:N0} bytes for {size:N0}, {ratio:0.00} times, in {tries} tries");
        ratio.ShouldBeGreaterThan(2);
    }

    private async Task PushCutAsync(GitHttpServer server, Clone mine, string commit, long size, long batch, double atMost)
    {
        var began = Stopwatch.GetTimestamp();
        var (seen, tries) = (new List<TransferProgress>(), 0);
        PushOutcome outcome;
        do
        {
            // At a quarter, a half and three quarters of the way, and never at a batch's end.
            if (tries < Cuts)
                server.CutAfter(Math.Max(1, (size * (tries + 1) / (Cuts + 1)) + (batch / 2) - server.BytesReceived));
            outcome = await mine.Remote().PushAsync(new PushRequest("main", commit) { StagedThresholdBytes = batch, BatchBytes = batch, OnProgress = seen.Add }, default);
            if (outcome is PushOutcome.Failed failed)
            {
                output.WriteLine($"cut at {server.BytesReceived:N0}: {failed.Failure.Category} {failed.Failure.Message}");
                failed.Failure.MayWait.ShouldBeTrue(failed.Failure.Message);
            }
        }
        while (++tries <= Cuts + 1 && outcome is PushOutcome.Failed);

        tries.ShouldBe(Cuts + 1);
        var done = outcome.ShouldBeOfType<PushOutcome.Pushed>().Progress.ShouldNotBeNull();
        done.TransferredBytes.ShouldBe(done.TotalBytes);
        seen.Select(one => one.TransferredBytes).ShouldBe(seen.Select(one => one.TransferredBytes).Order(), "what was acknowledged never becomes less");
        var ratio = (double)server.BytesReceived / size;
        output.WriteLine($"staged push: {server.BytesReceived:N0} bytes for {size:N0}, {ratio:0.000} times, in {tries} tries, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        ratio.ShouldBeLessThanOrEqualTo(atMost);
        server.Requests.Count(request => request.IsPush).ShouldBeGreaterThan(Cuts);
    }

    private static async Task SameAsync(Workshop shop, Clone mine)
    {
        (await shop.StagedAsync()).ShouldBeEmpty();
        var other = await shop.CloneAsync("bo");
        await other.GitAsync("checkout", "--quiet", "main");
        var files = Directory.GetFiles(mine.At("takes"));
        foreach (var file in files)
        {
            var (sent, arrived) = (await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(other.At("takes/" + Path.GetFileName(file))));
            sent.AsSpan().SequenceEqual(arrived).ShouldBeTrue(file);
        }

        Directory.GetFiles(other.At("takes")).Length.ShouldBe(files.Length);
        await Workshop.RunAsync(shop.Bare, "fsck");
    }
}
