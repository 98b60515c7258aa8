using Posthouse.Cli;
using Posthouse.Cli.Doctor;
using Posthouse.Cli.Hosting;
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
