using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Posthouse.Files;

/// <summary>A caller's file, opened once and read once; notices when it changes meanwhile.</summary>
internal sealed class SourceFile : IDisposable
{
    /// <summary>Large enough that a disk is busy, small enough for the pool.</summary>
    private const int PieceBytes = 1 << 20;

    private readonly SafeFileHandle _handle;
    private readonly DateTime _changedAt;

    private SourceFile(string path, SafeFileHandle handle)
    {
        (Path, _handle) = (path, handle);
        Length = RandomAccess.GetLength(handle);
        _changedAt = File.GetLastWriteTimeUtc(handle);
    }

    public string Path { get; }

    /// <summary>In bytes, when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens it, if it is no larger than a file of a job may be.</summary>
    /// <param name="file">Which.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <exception cref="PosthouseException">FILE_MISSING. QUEUE_FULL: it is too large.</exception>
    public static SourceFile Open(JobFile file, long most)
    {
        var source = Open(file);
        if (source.Length <= most)
        {
            return source;
        }

        source.Dispose();
        throw new PosthouseException(ErrorCodes.QueueFull,
            $"\"{source.Path}\" has {source.Length} bytes; a file of a job may have {most}. Make it smaller or raise the limit.");
    }

    private static SourceFile Open(JobFile file)
    {
        if (string.IsNullOrEmpty(file.SourcePath))
        {
            throw new PosthouseException(ErrorCodes.FileMissing, $"The file \"{file.Name}\" has no path: make it with JobFile.FromPath.");
        }

        return Reading(file.SourcePath, () =>
        {
            // Others may write it: what they change is noticed, and to fail only because they could would be worse.
            var handle = File.OpenHandle(file.SourcePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            return new SourceFile(file.SourcePath, handle);
        });
    }

    /// <summary>Hands out the whole file in pieces.</summary>
    /// <exception cref="PosthouseException">FILE_MISSING: it cannot be read. FILE_DAMAGED: it changed.</exception>
    public void ReadAll(Action<ReadOnlySpan<byte>> take, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            long at = 0;
            for (int read; (read = Reading(Path, () => RandomAccess.Read(_handle, buffer, at))) > 0; at += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (at + read > Length)
                {
                    throw Changed();
                }

                take(buffer.AsSpan(0, read));
            }

            if (at != Length || Reading(Path, () => RandomAccess.GetLength(_handle)) != Length || File.GetLastWriteTimeUtc(_handle) != _changedAt)
            {
                throw Changed();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _handle.Dispose();

    private PosthouseException Changed() =>
        new(ErrorCodes.FileDamaged, $"\"{Path}\" changed while it was copied. Enqueue again when it is finished.");

    private static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new PosthouseException(ErrorCodes.FileMissing, $"\"{path}\" cannot be read, so the job was not stored: {e.Message}", e);
        }
    }
}
