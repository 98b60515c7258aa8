using System.Text;
using System.Text.Json;

namespace Posthouse.SystemTests.Vcs;

/// <summary><c>posthouse auth</c> against a server that wants a token, with Git's own helpers.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private const string Token = "tok-5ecret+1";

    private readonly Stage _stage = new();
    private Person _ana = null!;
    private GitHttpServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _ana = new Person(_stage, "ana", "Ana", "studio");
        var folder = Directory.CreateDirectory(Path.Combine(_stage.Root, "srv")).FullName;
        await _ana.DoAsync($"git init -q --bare '{folder}/song.git' && git -C '{folder}/song.git' config http.receivepack true");
        _server = GitHttpServer.Start(folder);
        // Everybody may read, as on a public host; who pushes must show the token.
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:" + Token));
        _server.Fault = request => request.Query == "service=git-receive-pack" || request.IsPush
            ? request.Headers.GetValueOrDefault("Authorization") == expected ? null : new GitHttpFault.Answer(401)
            : null;
        await _ana.DoAsync($"git init -q Song && git -C Song remote add origin {_server.Url("song.git")}");
        await _ana.DoAsync("cd Song");
        await _ana.DoAsync("echo 1 > song.txt && git add -A && git commit -qm One");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _stage.Dispose();
    }

    [Fact]
    public async Task A_token_is_tried_kept_by_the_helper_and_forgotten()
    {
        await _ana.DoAsync("git config --global credential.helper store");
        var (before, _) = await _ana.RunAsync("posthouse auth test");
        var login = await _ana.DoAsync("posthouse auth login --token-stdin", Token + "\n");
        var status = await _ana.DoAsync("posthouse auth status --json");
        var test = await _ana.DoAsync("posthouse auth test && posthouse push");
        var logout = await _ana.DoAsync("posthouse auth logout");
        var (after, _) = await _ana.RunAsync("posthouse auth test");

        (before, after).ShouldBe((3, 3));
        login.ShouldContain("Signed in to 127.0.0.1:");
        test.ShouldContain("lets you push to 'origin'");
        logout.ShouldContain("are forgotten here");
        var data = JsonDocument.Parse(status).RootElement;
        data.GetProperty("status").GetString().ShouldBe("signed_in");
        data.GetProperty("data").GetProperty("helpers")[0].GetString().ShouldBe("store");
        string.Concat(login, status, test, logout).ShouldNotContain(Token);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_not_kept()
    {
        await _ana.DoAsync("git config --global credential.helper store");

        var (exit, output) = await _ana.RunAsync("posthouse auth login --token-stdin", "wrong-one\n");

        exit.ShouldBe(3);
        output.ShouldContain("nothing was kept");
        output.ShouldNotContain("wrong-one");
        File.Exists(Path.Combine(_ana.Home, ".git-credentials")).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_helper_the_person_is_told_how_to_get_one()
    {
        var (exit, output) = await _ana.RunAsync("posthouse auth login --token-stdin", Token + "\n");
        var (asked, told) = await _ana.RunAsync("posthouse auth login");

        exit.ShouldBe(1);
        output.ShouldContain("git config --global credential.helper cache");
        (asked, told.Contains("--token-stdin < FILE", StringComparison.Ordinal)).ShouldBe((2, true));
    }

    [Fact]
    public async Task What_was_refused_for_want_of_a_token_goes_on_after_signing_in()
    {
        await _ana.DoAsync("git config --global credential.helper store");
        var (refused, _) = await _ana.RunAsync("posthouse push --offline");
        var (held, output) = await _ana.RunAsync("posthouse queue sync");
        var login = await _ana.DoAsync("posthouse auth login --token-stdin", Token + "\n");
        await _ana.DoAsync("posthouse queue sync");

        refused.ShouldBe(10, output);
        held.ShouldNotBe(0, output);
        login.ShouldContain("1 operation(s) waited for this");
        (await _ana.DoAsync("git ls-remote origin refs/heads/main")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_token_is_in_no_processs_arguments_and_in_no_log()
    {
        await _ana.DoAsync("git config --global credential.helper store");
        // A Git that writes down its arguments before it does its work.
        var real = (await _ana.DoAsync("command -v git")).Trim();
        var wrapper = Path.Combine(_stage.Programs, "git");
        await File.WriteAllTextAsync(wrapper, $"#!/bin/sh\necho \"$@\" >> '{_stage.Root}/arguments'\nexec {real} \"$@\"\n");
        Stage.MakeProgram(wrapper);

        var log = await _ana.DoAsync("POSTHOUSE_LOG=trace posthouse auth login --token-stdin", Token + "\n");

        var arguments = await File.ReadAllTextAsync(Path.Combine(_stage.Root, "arguments"));
        arguments.ShouldContain("credential approve");
        (arguments + log).ShouldNotContain(Token);
    }

    [Fact]
    public async Task The_doctor_names_what_is_wrong_and_ends_with_1()
    {
        await _ana.DoAsync("git config --global credential.helper store");
        _server.Clock = () => DateTimeOffset.UtcNow.AddHours(2);

        var (exit, output) = await _ana.RunAsync("posthouse doctor");

        exit.ShouldBe(1, output);
        output.ShouldContain("✗ clock: is");
        output.ShouldContain("behind the remote's");
        output.ShouldContain("⚠ credentials: none kept for 127.0.0.1");
        output.ShouldContain("✓ remote: answers");
    }
}
