using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Benchmarks.Vcs;

/// <summary>Pushes: a small one, and 256 MiB over a line that is cut three times, staged and by plain Git in the same run.</summary>
internal static class TransferRows
{
    private const int Mebibyte = 1 << 20;
    private const int Cuts = 3;
    private const long Size = 256L * Mebibyte;

    public static async Task RunAsync(Report report)
    {
        await SmallAsync(report);
        report.Add("plain git push, 64 x 4 MiB, 3 cuts: sent / size", await PlainAsync(), "");
        await StagedAsync(report, "staged push, 64 x 4 MiB, 3 cuts", 64, 4 * Mebibyte);
        await StagedAsync(report, "staged push, 4 x 64 MiB, 3 cuts", 4, 64 * Mebibyte);
    }

    private static async Task SmallAsync(Report report)
    {
        await using var ground = await Ground.OpenAsync();
        var project = await ground.CloneAsync("ana");
        var (ours, plain) = (new Latencies(), new Latencies());
        for (var i = 0; i < 10; i++)
        {
            var commit = await ground.CommitRandomAsync(project, 1, Mebibyte, 1_000 + i);
            var at = Stopwatch.GetTimestamp();
            var outcome = await Remote(ground, project).PushAsync(new PushRequest("main", commit), default);
            ours.Add(at);
            if (outcome is not PushOutcome.Pushed)
            {
                throw new InvalidOperationException(outcome.ToString());
            }

            await ground.CommitRandomAsync(project, 1, Mebibyte, 2_000 + i);
            at = Stopwatch.GetTimestamp();
            await ground.DoAsync(project.Root, "push", "--quiet", "origin", "main");
            plain.Add(at);
        }

        report.AddAgainst("push of 1 MiB, p50", ours.P(50), 5_000);
        report.Add("plain git push of 1 MiB, p50", plain.P(50), "ms");
    }

    private static async Task<double> PlainAsync()
    {
        await using var ground = await Ground.OpenAsync();
        var project = await ground.CloneAsync("ana");
        await ground.CommitRandomAsync(project, 64, 4 * Mebibyte, 1);
        await RepeatAsync(ground, async () => (await ground.RunAsync(new GitCall(project.Root, "push", "--porcelain", "origin", "main") { Timeout = null }, default)).ExitCode == 0,
            cut => ground.Server.CutAfter(Size * cut / (Cuts + 1)));
        return (double)ground.Server.BytesReceived / Size;
    }

    private static async Task StagedAsync(Report report, string what, int files, int bytes)
    {
        await using var ground = await Ground.OpenAsync();
        var project = await ground.CloneAsync("ana");
        var commit = await ground.CommitRandomAsync(project, files, bytes, 1);
        var began = Stopwatch.GetTimestamp();
        await RepeatAsync(ground, async () => await Remote(ground, project).PushAsync(new PushRequest("main", commit), default) is PushOutcome.Pushed,
            cut => ground.Server.CutAfter(Math.Max(1, (Size * cut / (Cuts + 1)) + (8 * Mebibyte) - ground.Server.BytesReceived)));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (await ground.DoAsync(ground.Bare, "rev-parse", "main") != commit)
        {
            throw new InvalidOperationException("the branch is elsewhere");
        }

        await ground.DoAsync(ground.Bare, "fsck");
        report.Add($"{what}: sent / size", (double)ground.Server.BytesReceived / Size, "");
        report.Add($"{what}: all tries", seconds, "s");
    }

    private static async Task RepeatAsync(Ground ground, Func<Task<bool>> push, Action<int> cut)
    {
        for (var tries = 1; ; tries++)
        {
            if (tries <= Cuts)
            {
                cut(tries);
            }

            if (await push())
            {
                return;
            }

            if (tries > Cuts + 1)
            {
                throw new InvalidOperationException($"{ground.Server.BytesReceived} bytes, and still not pushed");
            }
        }
    }

    private static GitRemote Remote(Ground ground, Project project) => new(ground, project, TimeProvider.System, SystemIds.Instance);
}
