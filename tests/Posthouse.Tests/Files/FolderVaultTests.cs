using System.Security.Cryptography;
using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Tests.Files;

public sealed class FolderVaultTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("posthouse-vault-");
    // Behind the system's clock, by which files are dated, so that only files dated by a test are ever old.
    private readonly ManualTimeProvider _time = new();
    private readonly FolderVault _vault;

    public FolderVaultTests() => _vault = Open();

    private string Folder => Path.Combine(_place.FullName, "vault");

    public void Dispose() => _place.Delete(recursive: true);

    private FolderVault Open(long max = FolderVault.DefaultMaxFileBytes) => new(Folder, _time, SystemIds.Instance, max);

    private JobFile Source(byte[] bytes, string name = "photo.jpg")
    {
        var path = Path.Combine(_place.FullName, name);
        File.WriteAllBytes(path, bytes);
        return JobFile.FromPath(path, "image/jpeg");
    }

    private string PathOf(string hash) => Path.Combine(Folder, hash[..2], hash[2..]);

    private string[] Unfinished() => Directory.GetFiles(Path.Combine(Folder, "tmp"));

    private Task<StoredFile> Stage(JobFile file) => _vault.StageAsync(file, _ => Task.CompletedTask);

    private static byte[] ReadAll(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }

    private static string CodeOf(Action act) => Should.Throw<PosthouseException>(act).Code;

    [Fact]
    public async Task The_hash_is_registered_when_the_copy_is_whole_and_before_it_has_its_name()
    {
        var seen = false;
        await _vault.StageAsync(Source([1, 2, 3]), stored =>
        {
            File.ReadAllBytes(Unfinished().Single()).ShouldBe([1, 2, 3]);
            File.Exists(PathOf(stored.Hash)).ShouldBeFalse();
            seen = true;
            return Task.CompletedTask;
        });
        seen.ShouldBeTrue();
    }

    [Fact]
    public async Task When_the_registration_fails_nothing_is_kept()
    {
        await Should.ThrowAsync<InvalidOperationException>(
            _vault.StageAsync(Source([1]), _ => throw new InvalidOperationException("the store is busy")));
        Unfinished().ShouldBeEmpty();
        _vault.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_copy_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(_vault.StageAsync(Source([1]), _ => Task.CompletedTask, stop.Token));
        Unfinished().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("missing.jpg")]
    [InlineData("no/such/folder.jpg")]
    [InlineData(".")]
    [InlineData("with\0zero")]
    public async Task A_source_that_cannot_be_read_is_named(string name)
    {
        var path = Path.Combine(_place.FullName, name);
        var missing = await Should.ThrowAsync<PosthouseException>(Stage(new JobFile { SourcePath = path, Name = "x" }));
        missing.Code.ShouldBe(ErrorCodes.FileMissing);
        missing.Message.ShouldContain(path);
        Unfinished().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_without_a_path_is_missing() =>
        (await Should.ThrowAsync<PosthouseException>(Stage(new JobFile { Name = "x" }))).Code.ShouldBe(ErrorCodes.FileMissing);

    [Fact]
    public async Task A_source_that_grows_while_it_is_copied_is_refused()
    {
        var file = Source(new byte[64 << 20], "growing");
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var growing = Task.Run(() =>
        {
            using var more = new FileStream(file.SourcePath!, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
            while (!stop.IsCancellationRequested)
            {
                more.WriteByte(1);
                begun.TrySetResult();
            }
        });
        await begun.Task;
        var changed = await Should.ThrowAsync<PosthouseException>(Stage(file));
        stop.Cancel();
        await growing;
        changed.Code.ShouldBe(ErrorCodes.FileDamaged);
        changed.Message.ShouldContain(file.SourcePath!);
        Unfinished().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_before_a_byte_is_copied()
    {
        var small = Open(max: 3);
        (await small.StageAsync(Source([1, 2, 3]), _ => Task.CompletedTask)).Size.ShouldBe(3);
        var registered = false;
        var full = await Should.ThrowAsync<PosthouseException>(small.StageAsync(Source([1, 2, 3, 4]), _ =>
        {
            registered = true;
            return Task.CompletedTask;
        }));
        full.Code.ShouldBe(ErrorCodes.QueueFull);
        registered.ShouldBeFalse();
    }

    [Fact]
    public async Task A_link_is_followed_as_a_source_but_never_inside_the_vault()
    {
        var link = Path.Combine(_place.FullName, "link");
        File.CreateSymbolicLink(link, Source([7, 8]).SourcePath!);
        var stored = await Stage(JobFile.FromPath(link));
        File.Delete(PathOf(stored.Hash));
        File.CreateSymbolicLink(PathOf(stored.Hash), Path.Combine(_place.FullName, "photo.jpg"));
        CodeOf(() => _vault.Open(stored.Hash)).ShouldBe(ErrorCodes.FileDamaged);
    }

    [Fact]
    public async Task A_link_planted_for_a_folder_of_the_vault_is_not_followed()
    {
        var stored = await _vault.StageAsync(Source([7, 8]), _ => Task.CompletedTask);
        var folder = Path.GetDirectoryName(PathOf(stored.Hash))!;
        Directory.Move(folder, folder + "-moved");
        Directory.CreateSymbolicLink(folder, folder + "-moved");
        CodeOf(() => _vault.Open(stored.Hash)).ShouldBe(ErrorCodes.FileDamaged);
    }

    [Fact]
    public async Task A_stored_file_that_is_gone_is_named_by_its_hash()
    {
        var stored = await Stage(Source([1]));
        _vault.Delete(stored.Hash);
        _vault.Delete(stored.Hash);
        _vault.List().ShouldBeEmpty();
        var gone = Should.Throw<PosthouseException>(() => _vault.Open(stored.Hash));
        gone.Code.ShouldBe(ErrorCodes.FileDamaged);
        gone.Message.ShouldContain(stored.Hash);
    }

    [Fact]
    public void Giving_up_what_was_never_there_does_nothing() => _vault.Delete(new string('a', 64));

    [Theory]
    [InlineData("")]
    [InlineData("../../../etc/passwd")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("ab/def0123456789abcdef0123456789abcdef0123456789abcdef0123456789")]
    public void Only_a_hash_names_a_file(string hash) => CodeOf(() => _vault.Open(hash)).ShouldBe(ErrorCodes.FileDamaged);

    [Fact]
    public async Task One_changed_bit_is_noticed_before_the_last_bytes_are_handed_out()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        var stored = await Stage(Source(bytes));
        bytes[12_345] ^= 1;
        await File.WriteAllBytesAsync(PathOf(stored.Hash), bytes);
        CodeOf(() => ReadAll(_vault.Open(stored.Hash))).ShouldBe(ErrorCodes.FileDamaged);

        // A reader that counts never asks for the end.
        using var counting = _vault.Open(stored.Hash);
        counting.Length.ShouldBe(100_000);
        CodeOf(() => counting.ReadExactly(new byte[100_000])).ShouldBe(ErrorCodes.FileDamaged);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Another_length_is_noticed(int difference)
    {
        var stored = await Stage(Source(new byte[1000]));
        await File.WriteAllBytesAsync(PathOf(stored.Hash), new byte[1000 + difference]);
        await using var reading = _vault.Open(stored.Hash);
        (await Should.ThrowAsync<PosthouseException>(reading.CopyToAsync(Stream.Null))).Code.ShouldBe(ErrorCodes.FileDamaged);
    }

    [Fact]
    public async Task Leftovers_of_dead_runs_go_after_an_hour_and_younger_ones_stay()
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var (old, young) = (Path.Combine(Folder, "tmp", "old"), Path.Combine(Folder, "tmp", "young"));
        await File.WriteAllTextAsync(old, "x");
        await File.WriteAllTextAsync(young, "x");
        File.SetLastWriteTimeUtc(old, now.AddMinutes(-61));
        File.SetLastWriteTimeUtc(young, now.AddMinutes(-59));
        var log = new LogLines<FolderVault>();
        _ = new FolderVault(Folder, _time, SystemIds.Instance, logger: log);
        Unfinished().ShouldBe([young]);
        log.Lines.ShouldBe([$"1200 1 leftovers of copies that were never finished were removed from the vault {Folder}."]);
    }

    [Fact]
    public async Task Nobody_else_may_read_the_vault()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // The profile's own access list protects it there.
        }

        var stored = await Stage(Source([1]));
        File.GetUnixFileMode(PathOf(stored.Hash)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var folder in new[] { Folder, Path.Combine(Folder, "tmp"), Path.GetDirectoryName(PathOf(stored.Hash))! })
        {
            File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_used_is_said_so()
    {
        var file = Source([1]).SourcePath!;
        CodeOf(() => _ = new FolderVault(Path.Combine(file, "vault"), _time, SystemIds.Instance)).ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task A_copy_never_goes_through_what_stands_there_already()
    {
        var victim = Source([9], "victim").SourcePath!;
        var stuck = new FolderVault(Folder, _time, new FixedName());
        File.CreateSymbolicLink(Path.Combine(Folder, "tmp", FixedName.Name), victim);
        (await Should.ThrowAsync<PosthouseException>(stuck.StageAsync(Source([1]), _ => Task.CompletedTask)))
            .Code.ShouldBe(ErrorCodes.StoreUnavailable);
        (await File.ReadAllBytesAsync(victim)).ShouldBe([9]);
    }

    private sealed class FixedName : IIds
    {
        public static string Name { get; } = new('0', 32);

        public void Fill(Span<byte> bytes) => bytes.Clear();
    }
}
