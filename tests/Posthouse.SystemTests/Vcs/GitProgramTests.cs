using System.Text;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;

namespace Posthouse.SystemTests.Vcs;

public sealed class GitProgramTests
{
    [Fact]
    public async Task A_call_that_takes_too_long_is_ended_with_all_that_it_started()
    {
        using var ground = new GitGround();
        await using var server = GitHttpServer.Start(ground.Folder);
        server.Fault = _ => new GitHttpFault.Stall();
        var result = await ground.RunAsync(new GitCall(ground.Folder, "ls-remote", server.Url("r.git")) { Talks = true, Timeout = TimeSpan.FromMilliseconds(300) }, default);
        result.TimedOut.ShouldBeTrue();
        await server.StalledClientLeft.WaitAsync(TimeSpan.FromSeconds(30)); // git-remote-http, a child of the one that was started, is gone.
    }

    [Fact]
    public async Task The_caller_ends_a_call_and_what_it_started()
    {
        using var ground = new GitGround();
        await using var server = GitHttpServer.Start(ground.Folder);
        using var ends = new CancellationTokenSource();
        server.Fault = _ =>
        {
            ends.Cancel();
            return new GitHttpFault.Stall();
        };
        await Should.ThrowAsync<OperationCanceledException>(() => ground.RunAsync(new GitCall(ground.Folder, "ls-remote", server.Url("r.git")) { Talks = true, Timeout = null }, ends.Token));
        await server.StalledClientLeft.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_interrupt_that_reaches_Git_first_is_no_failure_of_its_own()
    {
        using var folder = new Sync.OwnFolder();
        Transfer.Workshop.WriteScript(folder.File("git"), "kill -INT $$");
        using var ground = new GitGround(options: new GitOptions { Program = folder.File("git") });
        using var ends = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Should.ThrowAsync<OperationCanceledException>(() => ground.RunAsync(new GitCall(ground.Folder, "version"), ends.Token));
    }

    [Fact]
    public async Task A_machine_without_Git_is_told_so_and_what_to_do()
    {
        using var ground = new GitGround(options: new GitOptions { Program = "no-such-git" });
        var failure = await Should.ThrowAsync<VcsException>(() => ground.RunAsync(new GitCall(ground.Folder, "version"), default));
        failure.Code.ShouldBe(VcsErrors.GitMissing);
        failure.Message.ShouldContain("Install Git");
    }

    [Fact]
    public async Task More_output_than_was_asked_for_is_a_failure_and_does_not_fill_the_memory()
    {
        using var ground = new GitGround();
        var call = new GitCall(ground.Folder, "-c", "alias.flood=!yes", "flood") { MaxOutputBytes = 100_000, Timeout = TimeSpan.FromSeconds(60) };
        (await Should.ThrowAsync<VcsException>(() => ground.RunAsync(call, default))).Failure.Category.ShouldBe(FailureCategory.Local);
    }

    [Fact]
    public async Task A_large_input_and_a_large_output_pass_at_the_same_time()
    {
        using var ground = new GitGround();
        var input = new byte[3 << 20];
        new Random(1).NextBytes(input);
        var result = await ground.RunAsync(new GitCall(ground.Folder, "-c", "alias.echo=!cat", "echo") { Input = input }, default);
        result.Output.ShouldBe(input);
    }

    [Fact]
    public async Task Progress_is_heard_line_by_line_and_not_kept_and_errors_are_kept_without_secrets()
    {
        using var ground = new GitGround();
        var heard = new List<string>();
        var script = @"!printf 'one 10%%\rone 20%%\rdone.\r\nfatal: https://me:pw@host/x\n' >&2; exit 3 #";
        var result = await ground.RunAsync(new GitCall(ground.Folder, "-c", "alias.say=" + script, "say") { OnProgress = heard.Add }, default);
        heard.ShouldBe(["one 10%", "one 20%", "done.", "fatal: https://host/x"]);
        result.Errors.ShouldBe("done.\nfatal: https://host/x\n");
        result.ExitCode.ShouldBe(3);
    }

    [Fact]
    public void No_run_can_ask_a_question_or_sees_the_repository_of_a_hook_that_started_this_program()
    {
        var variables = new Dictionary<string, string?> { ["GIT_DIR"] = "/nosuch", ["GIT_INDEX_FILE"] = "/nosuch", ["GIT_TRACE_PACKET"] = "1", ["HOME"] = "/srv" };
        GitEnvironment.Apply(variables, new GitOptions(), new GitCall(".", "version") { Environment = new Dictionary<string, string?> { ["EXTRA"] = "1", ["GIT_EDITOR"] = null } });
        variables.ShouldBe(
            new Dictionary<string, string?>
            {
                ["HOME"] = "/srv",
                ["EXTRA"] = "1",
                ["LC_ALL"] = "C",
                ["GIT_TERMINAL_PROMPT"] = "0",
                ["GIT_ASKPASS"] = "",
                ["SSH_ASKPASS_REQUIRE"] = "never",
                ["GCM_INTERACTIVE"] = "never",
                ["GIT_PAGER"] = "cat",
                ["GIT_OPTIONAL_LOCKS"] = "0",
                ["GIT_LFS_FORCE_PROGRESS"] = "1",
                ["GIT_HTTP_LOW_SPEED_LIMIT"] = "1000",
                ["GIT_HTTP_LOW_SPEED_TIME"] = "30",
            },
            ignoreOrder: true);
    }

    [Fact]
    public async Task Where_nobody_signs_in_the_call_fails_at_once_instead_of_asking()
    {
        using var ground = new GitGround();
        await using var server = GitHttpServer.Start(ground.Folder);
        server.Fault = _ => new GitHttpFault.Answer(401);
        var result = await ground.RunAsync(new GitCall(ground.Folder, "ls-remote", server.Url("r.git")) { Talks = true }, default);
        GitFailures.Judge(result).Category.ShouldBe(FailureCategory.Auth);
        GitFailures.Judge(result with { StatusCode = null }).Category.ShouldBe(FailureCategory.Auth, result.Errors);
    }

    [Theory]
    [InlineData(null, "ssh -o BatchMode=yes ")]
    [InlineData("ssh -i key", "ssh -i key -o BatchMode=yes ")]
    [InlineData("plink -batch", "")]
    public async Task A_call_over_ssh_never_asks_where_it_is_ssh_that_is_called(string? own, string begins)
    {
        using var ground = new GitGround();
        var root = ground.Clone("c", "x").Root;
        if (own is not null) { ground.Git(root, "config", "core.sshCommand", own); }
        var call = new GitCall(root, "-c", "alias.say=!echo \"$GIT_SSH_COMMAND\" #", "say") { Talks = true };
        var said = (await ground.RunAsync(call, default)).Text.Trim();
        (begins.Length == 0 ? said.Length == 0 : said.StartsWith(begins, StringComparison.Ordinal)).ShouldBeTrue(said);
    }

    [Fact]
    public async Task A_transfer_that_falls_silent_is_ended_whatever_it_waits_for()
    {
        using var ground = new GitGround(options: new GitOptions { SilenceTime = TimeSpan.FromMilliseconds(300) });
        var call = new GitCall(ground.Folder, "-c", "alias.asks=!sleep 600 #", "asks") { Talks = true, Timeout = null };
        var result = await ground.RunAsync(call, default).WaitAsync(TimeSpan.FromSeconds(60));
        (result.TimedOut, GitFailures.Judge(result, writes: true).Category).ShouldBe((true, FailureCategory.Ambiguous));
    }

    [Theory]
    [InlineData("")]
    [InlineData("remote.origin.pushurl")]
    [InlineData("insteadOf")]
    [InlineData("pushInsteadOf")]
    public async Task Credentials_of_an_address_reach_the_remote_and_no_processs_arguments(string written)
    {
        using var ground = new GitGround();
        ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var (plain, signed) = (server.Url("r.git"), server.Url("r.git", "me:p%40ss-5ecret"));
        var client = ground.Client("c", signed);
        var root = client.Project.Root;
        if (written.Length > 0)
        {
            ground.Git(root, "remote", "set-url", "origin", plain);
            ground.Git(root, "config", written[0] == 'r' ? written : $"url.{signed[..^"r.git".Length]}.{written}", written[0] == 'r' ? signed : plain[..^"r.git".Length]);
        }

        ground.Git(root, "remote", "get-url", "--push", "origin").ShouldBe(signed);
        var expected = "Basic " + Convert.ToBase64String("me:p@ss-5ecret"u8);
        var arguments = new List<string>();
        server.Fault = request =>
        {
            // Who asks is running at this moment.
            lock (arguments) { arguments.Add(ArgumentsOfAll()); }
            return request.Headers.GetValueOrDefault("Authorization") == expected ? null : new GitHttpFault.Answer(401);
        };

        var key = Posthouse.Vcs.Locks.ResourceKey.Of("mix.als");
        (await client.Store.CompareAndSwapAsync(key, default, RememberedRecords.Held("mix.als", "nora", "op/1", 1), default)).ShouldBeOfType<Posthouse.Vcs.Locks.CasOutcome.Won>();
        ground.Git(root, "commit", "--quiet", "--allow-empty", "-m", "first");
        var pushed = await ground.RunAsync(new GitCall(root, "push", "--progress", "--", "origin", "HEAD:refs/heads/main") { Talks = true, Timeout = null }, default);

        pushed.ExitCode.ShouldBe(0, pushed.Errors);
        arguments.Count.ShouldBeGreaterThan(3);
        string.Concat(arguments).ShouldContain("git-remote-http\0");
        string.Concat(arguments).ShouldNotContain("5ecret");
    }

    private static string ArgumentsOfAll()
    {
        var all = new StringBuilder();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder["/proc/".Length])))
        {
            try
            {
                all.Append(File.ReadAllText(Path.Combine(process, "cmdline"))).Append('\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended.
            }
        }

        return all.ToString();
    }

    [Fact]
    public async Task What_is_read_from_the_exchange_is_neither_kept_nor_heard_and_on_no_disk()
    {
        using var ground = new GitGround();
        ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var serverTime = new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.Zero);
        server.Clock = () => serverTime;
        server.Fault = request => request.Headers.ContainsKey("Authorization") ? null : new GitHttpFault.Answer(401);
        var heard = new List<string>();
        var call = new GitCall(ground.Folder, "ls-remote", server.Url("r.git", "me:s3cretword")) { Talks = true, OnProgress = heard.Add };

        var result = await ground.RunAsync(call, default);
        (result.ExitCode, result.Errors, result.StatusCode, result.ServerTime).ShouldBe((0, "", null, serverTime));
        server.Requests.Count(request => request.Headers.ContainsKey("Authorization")).ShouldBeGreaterThan(0);
        heard.ShouldBeEmpty();

        server.Fault = _ => new GitHttpFault.Answer(401);
        var refused = await ground.RunAsync(call, default);
        refused.StatusCode.ShouldBe(401);
        GitFailures.Judge(refused).Category.ShouldBe(FailureCategory.Auth);
        (refused.Errors + string.Concat(heard)).ShouldNotContain("s3cretword");
    }
}
