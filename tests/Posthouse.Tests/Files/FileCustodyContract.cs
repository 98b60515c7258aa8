using System.Security.Cryptography;
using Posthouse.Files;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Files;

/// <summary>What every custody of files promises, wherever it keeps the bytes.</summary>
public abstract class FileCustodyContract : IDisposable
{
    private protected const int MaxBytes = 1 << 27;

    private readonly TempFolder _sources = TempFolder.InMemory();
    private readonly Lazy<IFileCustody> _custody;

    protected FileCustodyContract() => _custody = new Lazy<IFileCustody>(Open);

    /// <summary>The custody; each call is one more process on the same bytes.</summary>
    private protected abstract IFileCustody Open();

    /// <summary>Changes a byte of what is kept, as a failing disk does.</summary>
    private protected abstract void Damage(string hash);

    private IFileCustody Custody => _custody.Value;

    public virtual void Dispose()
    {
        _sources.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((5 << 20) + 17)]
    public async Task Bytes_come_back_as_they_were_given_though_the_original_is_gone(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var file = Source(bytes);
        var stored = await StageAsync(file);
        File.Delete(file.SourcePath!);

        stored.ShouldBe(new StoredFile(Convert.ToHexStringLower(SHA256.HashData(bytes)), size));
        Open().List().ShouldBe([stored.Hash]);
        ReadAll(Open().Open(stored.Hash)).ShouldBe(bytes);
        await using var stream = Custody.Open(stored.Hash);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        all.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public async Task A_large_file_is_staged_and_read_in_pieces()
    {
        const int Size = 64 << 20;
        var path = _sources.File("large");
        using (var file = File.Create(path))
        {
            var piece = new byte[1 << 20];
            for (var at = 0; at < Size; at += piece.Length)
            {
                BitConverter.TryWriteBytes(piece, at);
                file.Write(piece);
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var stored = await StageAsync(JobFile.FromPath(path));
        using var stream = Custody.Open(stored.Hash);
        var (buffer, read) = (new byte[1 << 16], 0L);
        for (int got; (got = stream.Read(buffer)) > 0;) { read += got; }

        (read, stored.Size).ShouldBe((Size, Size));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2L * Size);
    }

    [Fact]
    public async Task Equal_bytes_are_kept_once()
    {
        (await StageAsync(Source([1, 2, 3], "a"))).ShouldBe(await StageAsync(Source([1, 2, 3], "b")));
        Custody.List().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Nothing_is_there_under_a_hash_before_it_is_registered()
    {
        await Custody.StageAsync(Source([1, 2, 3]), stored =>
        {
            Open().List().ShouldBeEmpty();
            Code(() => Open().Open(stored.Hash)).ShouldBe(ErrorCodes.FileDamaged);
            return Task.CompletedTask;
        });
        Custody.List().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Freeing_by_another_process_between_registration_and_name_loses_nothing()
    {
        var stored = await StageAsync(Source([1, 2, 3]));
        await Custody.StageAsync(Source([1, 2, 3]), again =>
        {
            Open().Delete(again.Hash);
            return Task.CompletedTask;
        });
        ReadAll(Custody.Open(stored.Hash)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_reader_goes_on_though_the_same_bytes_are_given_again()
    {
        var bytes = RandomNumberGenerator.GetBytes((2 << 20) + 5);
        var stored = await StageAsync(Source(bytes, "a"));
        using var stream = Custody.Open(stored.Hash);
        var first = new byte[100];
        stream.ReadExactly(first);
        await StageAsync(Source(bytes, "b"));

        byte[] whole = [.. first, .. ReadAll(stream)];
        whole.ShouldBe(bytes);
    }

    [Fact]
    public async Task When_the_registration_fails_nothing_is_kept()
    {
        await Should.ThrowAsync<InvalidOperationException>(Custody.StageAsync(Source([1]), _ => throw new InvalidOperationException("the store is busy")));
        Custody.List().ShouldBeEmpty();
        (await StageAsync(Source([1]))).Size.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_is_too_large_or_missing_is_refused_by_its_code()
    {
        var path = _sources.File("sparse");
        using (var file = File.Create(path)) { file.SetLength(MaxBytes + 1L); }
        (await Should.ThrowAsync<PosthouseException>(StageAsync(JobFile.FromPath(path)))).Code.ShouldBe(ErrorCodes.QueueFull);
        (await Should.ThrowAsync<PosthouseException>(StageAsync(JobFile.FromPath(_sources.File("none"))))).Code.ShouldBe(ErrorCodes.FileMissing);
        Custody.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_given_up_is_gone_and_giving_it_up_again_does_nothing()
    {
        var stored = await StageAsync(Source([1, 2, 3]));
        Open().Delete(stored.Hash);
        Open().Delete(stored.Hash);
        Code(() => Custody.Open(stored.Hash)).ShouldBe(ErrorCodes.FileDamaged);
    }

    [Fact]
    public async Task Damaged_bytes_are_not_handed_out_to_the_end()
    {
        var stored = await StageAsync(Source(RandomNumberGenerator.GetBytes((1 << 20) + 1)));
        Damage(stored.Hash);
        Code(() => ReadAll(Custody.Open(stored.Hash))).ShouldBe(ErrorCodes.FileDamaged);
    }

    private protected static string Code(Action act) => Should.Throw<PosthouseException>(act).Code;

    private protected Task<StoredFile> StageAsync(JobFile file) => Custody.StageAsync(file, _ => Task.CompletedTask);

    private protected JobFile Source(byte[] bytes, string name = "photo.jpg")
    {
        File.WriteAllBytes(_sources.File(name), bytes);
        return JobFile.FromPath(_sources.File(name), "image/jpeg");
    }

    private protected static byte[] ReadAll(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }
}
