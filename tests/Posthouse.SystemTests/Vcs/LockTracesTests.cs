using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

/// <summary>What a lock does not do: to the clone it is taken from, to the remote it is kept at, and because of what the person configured.</summary>
public sealed class LockTracesTests
{
    private static readonly ResourceKey _key = ResourceKey.Of("songs/mix.als");

    private static LockRecord Record(string opId, long seq = 1, string path = "songs/mix.als") => RememberedRecords.Held(path, "nora", opId, seq);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_locks_whole_life_leaves_every_byte_of_the_clone_as_it_was_but_for_objects(bool overHttp)
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var client = ground.Client("c", overHttp ? server.Url("r.git") : bare);
        var other = ground.Client("other", bare);
        var root = client.Project.Root;
        File.WriteAllText(Path.Combine(root, "mix.als"), "one");
        ground.Git(root, "add", ".");
        ground.Git(root, "commit", "--quiet", "-m", "first");
        ground.Git(root, "push", "--quiet", "origin", "main");
        File.WriteAllText(Path.Combine(root, "mix.als"), "two, not added");
        File.WriteAllText(Path.Combine(root, "new.wav"), "not known to Git");
        var before = FilesOf(root);

        var taken = (CasOutcome.Won)await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default);
        var moved = (CasOutcome.Won)await other.Store.CompareAndSwapAsync(_key, (await other.Store.ReadAsync(_key, default)).Version, Record("op/2", 2), default);
        (await client.Store.CompareAndSwapAsync(_key, taken.Version, Record("op/3", 2), default)).ShouldBeOfType<CasOutcome.Lost>();
        await client.Store.ListAsync(default).CountAsync();
        await client.Store.BuildGuardAsync(new LockSnapshot(_key, moved.Version, Record("op/2", 2)), Record("op/4", 3), default);

        FilesOf(root).ShouldBe(before);
    }

    [Fact]
    public async Task What_the_person_configured_for_their_own_pushes_neither_runs_nor_goes_along()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        ground.Git(bare, "config", "receive.advertisePushOptions", "false");
        var client = ground.Client("c", bare);
        var root = client.Project.Root;
        ground.Git(root, "commit", "--quiet", "--allow-empty", "-m", "first");
        ground.Git(root, "push", "--quiet", "origin", "main");
        ground.Git(root, "tag", "-a", "-m", "release", "v1");
        foreach (var (name, value) in new[]
        {
            ("push.followTags", "true"), ("push.gpgSign", "true"), ("commit.gpgSign", "true"), ("push.recurseSubmodules", "on-demand"), ("push.pushOption", "ci.skip"),
            ("push.default", "nothing"), ("fetch.prune", "true"), ("i18n.commitEncoding", "ISO-8859-1"), ("core.askPass", "/nosuch"), ("remote.origin.mirror", "true"),
        })
            ground.Git(root, "config", name, value);
        var marker = Path.Combine(ground.Folder, "hook ran");
        var hook = Path.Combine(root, ".git", "hooks", "pre-push");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, $"#!/bin/sh\ntouch '{marker}'\nexit 1\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Won>();

        File.Exists(marker).ShouldBeFalse();
        ground.Git(bare, "for-each-ref", "--format=%(refname)").Split('\n').ShouldBe(["refs/heads/main", LockProtocol.RefPrefix + _key.Hex]);
        ground.Git(bare, "log", "-1", "--format=%an <%ae>", LockProtocol.RefPrefix + _key.Hex).ShouldBe("Nora Ünal <nora@example.invalid>");
    }

    [Fact]
    public async Task Locks_are_kept_where_is_pushed_to_and_not_where_is_fetched_from()
    {
        using var ground = new GitGround();
        var (mirror, main) = (ground.Bare("mirror.git"), ground.Bare("main.git"));
        var client = ground.Client("c", main);
        ground.Git(client.Project.Root, "remote", "set-url", "origin", mirror);
        ground.Git(client.Project.Root, "remote", "set-url", "--push", "origin", main);

        await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default);

        ground.Git(mirror, "for-each-ref").ShouldBeEmpty();
        ground.Git(main, "for-each-ref").ShouldNotBeEmpty();
        (await client.Store.ReadAsync(_key, default)).Record.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_folder_and_a_file_in_it_can_both_be_locked_and_so_can_names_in_any_script()
    {
        using var ground = new GitGround();
        var client = ground.Client("a cliént", ground.Bare("my räpo – 曲.git"));
        string[] paths = [".", "songs", "songs/mix.als", "songs/mix.als/x", "Ünïcode – 曲/ßpace name.wav", "-f", "a\"b'c$d`e"];
        foreach (var path in paths)
            (await client.Store.CompareAndSwapAsync(ResourceKey.Of(path), default, Record($"op {path}/1", 1, path), default)).ShouldBeOfType<CasOutcome.Won>(path);

        (await client.Store.ListAsync(default).ToListAsync()).Select(one => one.Record!.Path).ShouldBe(paths, ignoreOrder: true);
    }

    [Fact]
    public async Task An_address_with_spaces_and_accents_works_over_HTTP_too()
    {
        using var ground = new GitGround();
        ground.Bare("my räpo.git");
        await using var server = GitHttpServer.Start(ground.Folder);
        var client = ground.Client("c", server.Url("my räpo.git"));
        var won = (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Won>();
        (await client.Store.ReadAsync(_key, default)).Version.ShouldBe(won.Version);
    }

    /// <summary>All files but objects, with their bytes and times.</summary>
    private static List<string> FilesOf(string root) => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
        .Where(file => !file.StartsWith(Path.Combine(root, ".git", "objects"), StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(File.ReadAllBytes(file))}")
        .ToList();
}
