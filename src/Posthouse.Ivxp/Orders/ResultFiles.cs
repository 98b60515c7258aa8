using System.Security.Cryptography;
using Posthouse.Files;
using Posthouse.Ivxp.Hosting;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>
/// Contents in a folder beside the store, where one is configured: <c>ab/ORDER/DELIVERY</c>, so that whatever attempts left of an order goes with
/// it. A content is on the disk before its row is committed, and its row forgets it before it is removed. A folder that is not there,
/// because it is not mounted, is an error and never taken for an empty one.
/// </summary>
internal sealed class ResultFiles(IvxpOptions options)
{
    /// <summary>Where, or null: the store keeps contents itself.</summary>
    private readonly string? _folder = options.ResultDirectory;

    /// <summary>Whether contents can be kept and read now.</summary>
    public bool IsThere => _folder is null || Directory.Exists(_folder);

    /// <summary>Puts a result's content there, and answers the result as its row keeps it.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE or STORE_FULL: it could not be written.</exception>
    public StoredDeliverable Put(string order, StoredDeliverable made) => _folder is null ? made : Try(() =>
    {
        var file = $"{order[^2..]}/{order}/{made.DeliveryId}";
        // One level after the other: a file whose folder has no durable name is lost with that, whatever was done for the file.
        FolderVault.MakeFolder(PathOf(order[^2..]));
        FolderVault.MakeFolder(PathOf($"{order[^2..]}/{order}"));
        Durable.WriteAllBytesAtomically(PathOf(file), made.Content);
        return made with { Content = null, File = file };
    });

    /// <summary>A result with its content, wherever that is.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the folder is not there. FILE_DAMAGED: the file is gone or not what was put there.</exception>
    public StoredDeliverable? Whole(StoredDeliverable? row) => row is not { Content: null, File: { } file } ? row : Try(() =>
    {
        var path = PathOf(file);
        var content = File.Exists(path) ? File.ReadAllBytes(path) : throw Damaged(file, "is gone");
        return Convert.ToHexStringLower(SHA256.HashData(content)) == row.Hash.Canonical ? row with { Content = content } : throw Damaged(file, "is not what was put there");
    });

    /// <summary>Removes what was kept of an order; what cannot be removed stays, for its row does not know it any more.</summary>
    public void Remove(string order)
    {
        if (_folder is null)
            return;
        try
        {
            Directory.Delete(PathOf($"{order[^2..]}/{order}"), recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was never there, or the folder is away.
        }
    }

    private string PathOf(string file) => Path.Combine(_folder
        ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, "The result is kept in a folder, and none is configured. Name it again."), file);

    private T Try<T>(Func<T> work)
    {
        const int NoSpace = 28;
        if (!IsThere)
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The folder of results {_folder} is not there. See that it is mounted.");
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(e.HResult is NoSpace ? ErrorCodes.StoreFull : ErrorCodes.StoreUnavailable, $"The folder of results {_folder} cannot be used: {e.Message}", e);
        }
    }

    private PosthouseException Damaged(string file, string how) => new(ErrorCodes.FileDamaged, $"The result {Path.Combine(_folder!, file)} {how}. Put it back from a backup.");
}
