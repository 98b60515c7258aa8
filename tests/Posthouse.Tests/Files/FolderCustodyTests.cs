using Posthouse.Cli.Hosting;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Files;

/// <summary>A vault in a folder, as servers share one.</summary>
public sealed class FolderCustodyTests : FileCustodyContract
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    private string Vault => Directory.CreateDirectory(_folder.File("vault")).FullName;

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_folder_that_is_away_is_an_error_and_not_made_anew()
    {
        var custody = Open();
        var stored = await StageAsync(Source([1, 2, 3]));
        Directory.Move(_folder.File("vault"), _folder.File("elsewhere"));

        Code(() => custody.Open(stored.Hash)).ShouldBe(ErrorCodes.StoreUnavailable);
        Code(() => custody.Delete(stored.Hash)).ShouldBe(ErrorCodes.StoreUnavailable);
        Code(() => custody.List()).ShouldBe(ErrorCodes.StoreUnavailable);
        (await Should.ThrowAsync<PosthouseException>(() => custody.StageAsync(Source([4]), _ => Task.CompletedTask))).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        Directory.Exists(_folder.File("vault")).ShouldBeFalse();

        Directory.Move(_folder.File("elsewhere"), _folder.File("vault"));
        ReadAll(custody.Open(stored.Hash)).ShouldBe([1, 2, 3]);
    }

    private protected override IFileCustody Open() => new MountedVault(Vault, folder => new FolderVault(folder, new ManualTimeProvider(), SystemIds.Instance, MaxBytes));

    private protected override void Damage(string hash)
    {
        using var file = File.OpenWrite(Path.Combine(Vault, hash[..2], hash[2..]));
        file.WriteByte(7);
        file.WriteByte(7);
        file.WriteByte(7);
    }
}
