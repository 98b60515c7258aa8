using Posthouse.Files;

namespace Posthouse.Cli.Hosting;

/// <summary>A vault in a folder that may be away: then every question is an error, and nothing is made where it would be.</summary>
internal sealed class MountedVault(string folder, Func<string, IFileCustody> open) : IFileCustody
{
    private readonly Lock _lock = new();
    private IFileCustody? _vault;

    private IFileCustody Vault
    {
        get
        {
            if (!Directory.Exists(folder))
            {
                throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The folder of files {folder} is not there. See that it is mounted.");
            }

            lock (_lock) { return _vault ??= open(folder); }
        }
    }

    public async Task<StoredFile> StageAsync(JobFile file, Func<StoredFile, Task> register, CancellationToken cancellationToken = default) =>
        await Vault.StageAsync(file, register, cancellationToken);

    public Stream Open(string hash) => Vault.Open(hash);

    public void Delete(string hash) => Vault.Delete(hash);

    public bool RemoveGivenUp() => Directory.Exists(folder) && Vault.RemoveGivenUp();

    public IEnumerable<string> List() => Vault.List();
}
