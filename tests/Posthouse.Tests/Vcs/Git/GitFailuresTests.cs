using Posthouse.Vcs;
using Posthouse.Vcs.Git;

namespace Posthouse.Tests.Vcs.Git;

public sealed class GitFailuresTests
{
    private static GitResult Said(string errors, int? status = null, TimeSpan? retryAfter = null) => new(128, [], errors) { StatusCode = status, RetryAfter = retryAfter };

    [Theory]
    [InlineData(400, FailureCategory.ClientBug)]
    [InlineData(401, FailureCategory.Auth)]
    [InlineData(403, FailureCategory.Forbidden)]
    [InlineData(404, FailureCategory.NotFound)]
    [InlineData(405, FailureCategory.ClientBug)]
    [InlineData(407, FailureCategory.Auth)]
    [InlineData(408, FailureCategory.Server)]
    [InlineData(409, FailureCategory.ClientBug)]
    [InlineData(410, FailureCategory.ClientBug)]
    [InlineData(412, FailureCategory.ClientBug)]
    [InlineData(413, FailureCategory.Forbidden)]
    [InlineData(415, FailureCategory.ClientBug)]
    [InlineData(422, FailureCategory.ClientBug)]
    [InlineData(423, FailureCategory.Contention)]
    [InlineData(425, FailureCategory.Server)]
    [InlineData(429, FailureCategory.RateLimit)]
    [InlineData(500, FailureCategory.Server)]
    [InlineData(501, FailureCategory.ClientBug)]
    [InlineData(502, FailureCategory.Server)]
    [InlineData(503, FailureCategory.Server)]
    [InlineData(504, FailureCategory.Server)]
    [InlineData(505, FailureCategory.ClientBug)]
    [InlineData(507, FailureCategory.Server)]
    [InlineData(511, FailureCategory.Network)]
    [InlineData(520, FailureCategory.Server)]
    [InlineData(524, FailureCategory.Server)]
    public void A_status_of_the_trace_decides_and_so_does_gits_sentence_about_it(int status, FailureCategory category)
    {
        GitFailures.Judge(Said("fatal: whatever", status)).Category.ShouldBe(category);
        var told = GitFailures.Judge(Said($"fatal: unable to access 'http://127.0.0.1:8080/r.git/': The requested URL returned error: {status}"));
        told.Category.ShouldBe(category);
        told.StatusCode.ShouldBe(status);
        GitFailures.Judge(Said($"error: RPC failed; HTTP {status} curl 22 The requested URL returned error: {status}\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\nEverything up-to-date"), writes: true)
            .Category.ShouldBe(category);
    }

    [Fact]
    public void A_403_with_Retry_After_or_with_words_about_a_rate_is_a_rate_limit()
    {
        GitFailures.Judge(Said("", 403, TimeSpan.FromSeconds(7))).ShouldSatisfyAllConditions(
            failure => failure.Category.ShouldBe(FailureCategory.RateLimit),
            failure => failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7)));
        GitFailures.Judge(Said("remote: You have exceeded a secondary rate limit.\nfatal: unable to access 'https://h/r/': The requested URL returned error: 403")).Category.ShouldBe(FailureCategory.RateLimit);
    }

    [Theory]
    [InlineData("fatal: unable to access 'http://nosuch.invalid/r.git/': Could not resolve host: nosuch.invalid", FailureCategory.Network)]
    [InlineData("fatal: unable to access 'http://127.0.0.1:1/r.git/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server", FailureCategory.Network)]
    [InlineData("fatal: unable to access 'http://h/r/': Operation too slow. Less than 1000 bytes/sec transferred the last 30 seconds", FailureCategory.Network)]
    [InlineData("fatal: unable to access 'http://h/r/': Empty reply from server", FailureCategory.Network)]
    [InlineData("fatal: unable to access 'http://h/r/': Recv failure: Connection reset by peer", FailureCategory.Network)]
    [InlineData("fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection refused\n", FailureCategory.Network)]
    [InlineData("ssh: Could not resolve hostname nosuch.invalid: Name or service not known\nfatal: Could not read from remote repository.\n", FailureCategory.Network)]
    [InlineData("ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.\n", FailureCategory.Network)]
    [InlineData("ssh: connect to host h port 22: No route to host\nfatal: Could not read from remote repository.\n", FailureCategory.Network)]
    [InlineData("kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.0.0.1 port 22\nfatal: Could not read from remote repository.", FailureCategory.Network)]
    [InlineData("fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output", FailureCategory.Network)]
    [InlineData("error: RPC failed; curl 18 transfer closed with outstanding read data remaining\nfatal: early EOF", FailureCategory.Network)]
    [InlineData("fatal: could not read Username for 'http://127.0.0.1:8080': terminal prompts disabled", FailureCategory.Auth)]
    [InlineData("fatal: Authentication failed for 'http://127.0.0.1:8080/r.git/'", FailureCategory.Auth)]
    [InlineData("git@github.example: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights", FailureCategory.Auth)]
    [InlineData("Host key verification failed.\nfatal: Could not read from remote repository.", FailureCategory.Tls)]
    [InlineData("fatal: unable to access 'https://h/r/': server certificate verification failed. CAfile: none CRLfile: none", FailureCategory.Tls)]
    [InlineData("fatal: unable to access 'https://h/r/': SSL certificate problem: self-signed certificate", FailureCategory.Tls)]
    [InlineData("fatal: unable to access 'https://h/r/': SSL: no alternative certificate subject name matches target host name 'h'", FailureCategory.Tls)]
    [InlineData("fatal: unable to access 'https://h/r/': gnutls_handshake() failed: Handshake failed", FailureCategory.Tls)]
    [InlineData("fatal: unable to access 'https://h/r/': gnutls_handshake() failed: The TLS connection was non-properly terminated.", FailureCategory.Network)]
    [InlineData("fatal: repository 'http://127.0.0.1:8080/none.git/' not found", FailureCategory.NotFound)]
    [InlineData("fatal: '/srv/none.git' does not appear to be a git repository\nfatal: Could not read from remote repository.", FailureCategory.NotFound)]
    [InlineData("ERROR: Repository not found.\nfatal: Could not read from remote repository.", FailureCategory.NotFound)]
    [InlineData("fatal: detected dubious ownership in repository at '/srv/r.git'\nTo add an exception for this directory, call:\nfatal: Could not read from remote repository.", FailureCategory.Local)]
    [InlineData("fatal: write error: No space left on device", FailureCategory.Local)]
    [InlineData("error: unable to write file .git/objects/ab/cd: No space left on device", FailureCategory.Local)]
    [InlineData("remote: fatal: write error: No space left on device", FailureCategory.Server)]
    [InlineData("fatal: Unable to create '/srv/song/.git/index.lock': File exists.\n\nAnother git process seems to be running", FailureCategory.Contention)]
    [InlineData("fatal: loose object 0123 (stored in .git/objects/01/23) is corrupt", FailureCategory.Local)]
    [InlineData("error: src refspec nosuch does not match any\nerror: failed to push some refs to 'x'", FailureCategory.ClientBug)]
    [InlineData("fatal: remote error: upload-pack: not our ref 0123456789012345678901234567890123456789", FailureCategory.Contention)]
    public void Texts_of_Git_say_what_they_mean(string errors, FailureCategory category) => GitFailures.Judge(Said(errors)).Category.ShouldBe(category);

    [Theory]
    [InlineData("Project locked by network@render-01")]
    [InlineData("Lock ID mismatch 4041c0de-5030")]
    [InlineData("error at commit 9f503ab1")]
    [InlineData("remote: network connection timed out for job 503")]
    [InlineData("fatal: branch 'could not resolve host' is odd")]
    [InlineData("warning: fatal: unable to access 'x': The requested URL returned error: 503")]
    [InlineData("remote: fatal: early EOF")]
    [InlineData("fatal: unable to access 'x': The requested URL returned error: 5031")]
    public void Numbers_and_words_inside_names_decide_nothing(string errors)
    {
        var failure = GitFailures.Judge(Said(errors));
        failure.Category.ShouldBeOneOf(FailureCategory.Unknown, errors.EndsWith("5031", StringComparison.Ordinal) ? FailureCategory.Network : FailureCategory.Unknown);
        failure.StatusCode.ShouldBeNull();
    }

    [Theory]
    [InlineData("[rejected] (stale info)", FailureCategory.LockConflict)]
    [InlineData("[rejected] (atomic push failed)", FailureCategory.LockConflict)]
    [InlineData("[remote rejected] (atomic transaction failed)", FailureCategory.LockConflict)]
    [InlineData("[remote rejected] (atomic push failure)", FailureCategory.LockConflict)]
    [InlineData("[rejected] (non-fast-forward)", FailureCategory.Diverged)]
    [InlineData("[rejected] (fetch first)", FailureCategory.Diverged)]
    [InlineData("[remote rejected] (failed to update ref)", FailureCategory.Contention)]
    [InlineData("[remote rejected] (pre-receive hook declined)", FailureCategory.Forbidden)]
    [InlineData("[remote rejected] (hook declined)", FailureCategory.Forbidden)]
    [InlineData("[remote rejected] (protected branch hook declined)", FailureCategory.Forbidden)]
    [InlineData("[remote rejected] (deny updating a hidden ref)", FailureCategory.Forbidden)]
    [InlineData("[remote rejected] (branch is currently checked out)", FailureCategory.Forbidden)]
    [InlineData("[remote rejected] (unpacker error)", FailureCategory.Server)]
    [InlineData("[remote failure] (remote failed to report status)", FailureCategory.Ambiguous)]
    public void A_refused_ref_is_judged_by_its_reason_and_not_by_prose(string outcome, FailureCategory category)
    {
        var refs = PushPorcelain.Parse($"To /srv/r.git\n!\trefs/heads/a:refs/heads/a\t{outcome}\nDone\n");
        GitFailures.Judge(Said("error: failed to push some refs to '/srv/r.git'\nhint: Updates were rejected"), refs, writes: true).Category.ShouldBe(category);
    }

    [Fact]
    public void Of_several_refused_refs_the_one_that_tells_most_decides()
    {
        var refs = PushPorcelain.Parse("To x\n!\ta:refs/heads/a\t[rejected] (atomic push failed)\n!\tb:refs/heads/b\t[rejected] (non-fast-forward)\n");
        GitFailures.Judge(Said(""), refs, writes: true).Category.ShouldBe(FailureCategory.Diverged);
    }

    [Fact]
    public void A_refusal_by_our_own_hook_is_a_lock_of_another()
    {
        var refs = PushPorcelain.Parse("To x\n!\ta:refs/heads/a\t[remote rejected] (pre-receive hook declined)\n");
        GitFailures.Judge(Said("remote: posthouse: mix.txt is locked by ana@studio until 2026-02-05T14:00 UTC, and this push changes mix.txt on main"), refs, writes: true)
            .Category.ShouldBe(FailureCategory.LockConflict);
    }

    [Fact]
    public void A_refused_pack_is_judged_by_what_the_far_side_said_about_it()
    {
        var refs = PushPorcelain.Parse("To x\n!\ta:refs/heads/a\t[remote rejected] (unpacker error)\n");
        GitFailures.Judge(Said("remote: fatal: pack exceeds maximum allowed size (1.00 MiB)\nerror: remote unpack failed: index-pack abnormal exit"), refs, writes: true).Category.ShouldBe(FailureCategory.Forbidden);
    }

    [Theory]
    [InlineData("error: RPC failed; curl 52 Empty reply from server\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\nEverything up-to-date", FailureCategory.Ambiguous)]
    [InlineData("fatal: the remote end hung up unexpectedly", FailureCategory.Ambiguous)]
    [InlineData("nothing that anybody knows", FailureCategory.Ambiguous)]
    [InlineData("fatal: unable to access 'http://h/r/': Could not resolve host: h", FailureCategory.Network)]
    [InlineData("ssh: connect to host h port 22: Connection timed out\r\nfatal: Could not read from remote repository.", FailureCategory.Network)]
    public void A_push_whose_answer_was_lost_may_have_been_applied_and_one_that_never_left_was_not(string errors, FailureCategory category) =>
        GitFailures.Judge(Said(errors.Replace("\r", "", StringComparison.Ordinal)), writes: true).Category.ShouldBe(category);

    [Fact]
    public void A_time_limit_is_ambiguous_for_a_push_and_the_networks_for_a_read()
    {
        var late = Said("") with { TimedOut = true };
        GitFailures.Judge(late, writes: true).Category.ShouldBe(FailureCategory.Ambiguous);
        GitFailures.Judge(late).Category.ShouldBe(FailureCategory.Network);
    }

    [Fact]
    public void Messages_hold_no_user_name_and_no_password()
    {
        var failure = GitFailures.Judge(Said("fatal: unable to access 'https://me@corp:p@ss@h.example/r.git/': Could not resolve host: h.example"));
        failure.Message.ShouldBe("unable to access 'https://h.example/r.git/': Could not resolve host: h.example");
        Secrets.Strip("Authorization: Basic c2VjcmV0\nx https://h/?access_token=abc&b=1").ShouldBe("Authorization: …\nx https://h/?access_token=…&b=1");
    }

    [Fact]
    public void Codes_finer_than_the_category_are_kept()
    {
        GitFailures.Judge(Said("fatal: not a git repository (or any of the parent directories): .git")).Code.ShouldBe(VcsErrors.NotAProject);
        GitFailures.Judge(Said("error: No such remote 'up'")).Code.ShouldBe(VcsErrors.NoRemote);
        GitFailures.Judge(Said("fatal: the receiving end does not support --atomic push"), writes: true).Code.ShouldBe(VcsErrors.RemoteUnsupported);
    }
}
