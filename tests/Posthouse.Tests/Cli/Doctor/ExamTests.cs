using Posthouse.Cli;
using Posthouse.Cli.Doctor;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;
using Posthouse.Tests.Storage;
using Posthouse.Vcs;

namespace Posthouse.Tests.Cli.Doctor;

public sealed class ExamTests
{
    [Theory]
    [InlineData("git version 2.39.5", nameof(Health.Good))]
    [InlineData("git version 2.39.3 (Apple Git-146)", nameof(Health.Good))]
    [InlineData("git version 2.49.0.windows.1", nameof(Health.Good))]
    [InlineData("git version 2.25.1", nameof(Health.Broken))]
    [InlineData("git version unknown", nameof(Health.Notable))]
    public void A_version_of_Git_is_judged_by_its_numbers(string said, string health) => MachineExam.Git(said).Health.ToString().ShouldBe(health);

    [Theory]
    [InlineData(0, nameof(Health.Good), "agrees")]
    [InlineData(200, nameof(Health.Good), "3m 20s ahead of")]
    [InlineData(-7200, nameof(Health.Broken), "2h 0m behind")]
    public void A_clock_that_is_too_far_off_is_broken(int seconds, string health, string text)
    {
        var finding = RemoteExam.Clock(TimeSpan.FromSeconds(seconds), TimeSpan.FromMinutes(5));

        finding.Health.ToString().ShouldBe(health);
        finding.Text.ShouldContain(text);
        RemoteExam.Clock(null, TimeSpan.FromMinutes(5)).Health.ShouldBe(Health.Skipped);
    }

    [Fact]
    public void An_unreachable_remote_breaks_nothing_and_a_wrong_password_does()
    {
        RemoteExam.Reach(null).Health.ShouldBe(Health.Good);
        RemoteExam.Reach(new RemoteFailure(FailureCategory.Network, "away")).Health.ShouldBe(Health.Notable);
        RemoteExam.Reach(new RemoteFailure(FailureCategory.Auth, "no") { Hint = "sign in" }).ShouldBe(new Finding("remote", Health.Broken, "no", "sign in"));
    }

    [Fact]
    public void Locks_of_a_local_disk_keep_others_out_and_leave_nothing_behind()
    {
        using var temp = new TempFolder();

        MachineExam.Locks(temp.File("probe")).Health.ShouldBe(Health.Good);
        Directory.GetFiles(temp.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1L << 20, nameof(Health.Broken))]
    [InlineData(1L << 30, nameof(Health.Notable))]
    [InlineData(1L << 40, nameof(Health.Good))]
    public void Little_space_is_said_before_it_hurts(long free, string health) => MachineExam.Space(free).Health.ToString().ShouldBe(health);

    [Theory]
    [InlineData(0, 0, 0, nameof(Health.Good), "empty", null)]
    [InlineData(0, 2, 0, nameof(Health.Good), "0 failed, 2 waiting, the oldest queued 5m ago", "queue sync")]
    [InlineData(1, 2, 0, nameof(Health.Notable), "1 failed, 2 waiting, the oldest queued 5m ago", "queue discard ID")]
    [InlineData(0, 0, 1, nameof(Health.Notable), "0 failed, 1 waiting, the oldest queued 5m ago", "says why")]
    public void What_failed_or_waits_in_the_queue_is_told_with_what_to_do_next(int failed, int waiting, int held, string health, string text, string? hint)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        var finding = QueueExam.Judge(new QueueCounts { Failed = failed, Ready = waiting, Held = held, OldestOpen = failed + waiting + held == 0 ? null : now.AddMinutes(-5) }, now);

        (finding.Health.ToString(), finding.Text).ShouldBe((health, text));
        if (hint is null) { finding.Hint.ShouldBeNull(); } else { finding.Hint!.ShouldContain(hint); }
    }

    [Fact]
    public void What_waits_for_days_is_something_to_look_at() => QueueExam.Judge(
        new QueueCounts { Ready = 1, OldestOpen = DateTimeOffset.UnixEpoch }, DateTimeOffset.UnixEpoch.AddDays(2)).Health.ShouldBe(Health.Notable);

    [Fact]
    public async Task Outside_of_a_project_the_machine_is_looked_at_and_nothing_is_wrong()
    {
        using var temp = new TempFolder();
        var output = new StringWriter();

        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["doctor", "-C", temp.Path, "--json"], output, TextWriter.Null);

        output.ToString().ShouldContain("\"status\": \"done\"");
        output.ToString().ShouldContain("\"name\": \"SQLite\"");
        exit.ShouldBe(0);
    }
}
