using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Posthouse.Storage;

/// <summary>
/// What keeps bytes through a loss of power, what keeps them private, and what locks between processes, on the three
/// systems. No other file asks which system it runs on. Durability is checked: the runtime's own flush returns
/// normally on Linux when fsync fails.
/// </summary>
internal static class Durable
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    private const UnixFileMode ReadableAndWritable = PrivateFile | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private const int Interrupted = 4; // EINTR, the same number on Linux and macOS.
    private const int FullFsync = 51; // macOS F_FULLFSYNC: through the drive's cache; its plain fsync stops before it.
    private const int LockExclusiveNow = 2 | 4; // LOCK_EX | LOCK_NB
    private const int LockSharedNow = 1 | 4; // LOCK_SH | LOCK_NB
    private const int LockNone = 8; // LOCK_UN
    private const int ReadWrite = 2; // O_RDWR
    private const int LockFileExclusiveNow = 2 | 1; // LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY
    private const int LockFileSharedNow = 1; // LOCKFILE_FAIL_IMMEDIATELY
    private const uint LockedByte = 0x4000_0000; // Windows' locks bar reading, so the locked byte lies far behind the content.
    private const int MostLinks = 40; // As many as Linux follows.
    private const uint WriteThrough = 8, ReplaceWriteThrough = 1 | WriteThrough; // MOVEFILE_WRITE_THROUGH, MOVEFILE_REPLACE_EXISTING
    private const int Exists = 17, AlreadyThere = 183; // EEXIST, the same number on Linux and macOS; ERROR_ALREADY_EXISTS

    /// <summary>A child process must not inherit a lock: O_CLOEXEC.</summary>
    private static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x100_0000 : 0x8_0000;

    /// <summary>O_NOFOLLOW, which has another number on each system, and on Linux on each family of processors.</summary>
    private static int NoFollow => OperatingSystem.IsMacOS() ? 0x100
        : RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Armv6 or Architecture.Ppc64le ? 0x8000
        : 0x2_0000;

    /// <summary>Returns when the file's bytes are on the disk.</summary>
    /// <exception cref="IOException">The system could not do it. What was written before may be lost; do not try again on this handle.</exception>
    public static void Fsync(SafeFileHandle file)
    {
        int result;
        do
        {
            if (OperatingSystem.IsWindows())
                result = NativeCalls.FlushFileBuffers(file) != 0 ? 0 : -1;
            else if (OperatingSystem.IsMacOS())
                result = NativeCalls.Fcntl(file, FullFsync);
            else
                result = NativeCalls.Fsync(file);
        }
        while (result < 0 && !OperatingSystem.IsWindows() && Marshal.GetLastPInvokeError() == Interrupted);
        if (result < 0)
            throw Failed("fsync");
    }

    /// <summary>Returns when the names in a folder are on the disk. Windows writes names through when they are made.</summary>
    /// <exception cref="IOException">The system could not do it.</exception>
    public static void FsyncDirectory(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var handle = Open(folder, 0);
        Fsync(handle);
    }

    /// <summary>Renames a file, replacing what stands at <paramref name="to"/>, and returns when the new name is on the disk.</summary>
    /// <exception cref="IOException">The system could not do it.</exception>
    public static void Rename(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            if (NativeCalls.MoveFileEx(from, to, ReplaceWriteThrough) == 0)
                throw Failed("rename");
            return;
        }

        File.Move(from, to, overwrite: true);
        var folder = Path.GetDirectoryName(Path.GetFullPath(to))!;
        FsyncDirectory(folder);
        var old = Path.GetDirectoryName(Path.GetFullPath(from))!;
        if (old != folder)
            FsyncDirectory(old);
    }

    /// <summary>Gives a finished file one more name, unless that is taken (false), in one step: of all who try, one succeeds. Its old name may be gone then.</summary>
    /// <exception cref="IOException">The system could not do it, or the file system knows no second names.</exception>
    public static bool TryName(string file, string name)
    {
        var isDone = OperatingSystem.IsWindows() ? NativeCalls.MoveFileEx(file, name, WriteThrough) != 0 : NativeCalls.Link(file, name) == 0;
        if (!isDone)
            return Marshal.GetLastPInvokeError() == (OperatingSystem.IsWindows() ? AlreadyThere : Exists) ? false : throw Failed("link");
        FsyncDirectory(Path.GetDirectoryName(name)!);
        return true;
    }

    /// <summary>Makes a folder, and those above it, for this user alone (0700). One that exists is left as it is.</summary>
    public static void CreatePrivateDirectory(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, PrivateFolder);
    }

    /// <summary>Makes a file for this user alone (0600).</summary>
    /// <exception cref="IOException">The file exists, or the system could not do it.</exception>
    public static FileStream CreatePrivateFile(string path) => Private(path, FileMode.CreateNew);

    /// <summary>Whether no other user may read or change a file, as far as its mode tells. Windows keeps that elsewhere and says yes.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    public static bool IsPrivate(string path) => OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~PrivateFolder) == 0;

    /// <summary>Replaces a file's content so that at any moment, also after a loss of power, the old or the new one stands there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Its new content.</param>
    /// <param name="modeOf">A file or folder whose users may read and write it too; null: this user alone (0600).</param>
    /// <exception cref="IOException">The system could not do it; the old content stands.</exception>
    public static void WriteAllBytesAtomically(string path, ReadOnlySpan<byte> bytes, string? modeOf = null)
    {
        var unfinished = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = Private(unfinished, FileMode.Create))
            {
                file.Write(bytes);
                file.Flush();
                if (modeOf is not null && !OperatingSystem.IsWindows())
                    File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(modeOf) & ReadableAndWritable);
                Fsync(file.SafeFileHandle);
            }

            Rename(unfinished, path);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Opens a file to lock, making it where it is missing. The handle holds no lock yet and no child inherits it.</summary>
    /// <remarks>The runtime's own open locks by itself, and fails while another process holds the lock; hence the system's.</remarks>
    public static SafeFileHandle OpenLockFile(string path)
    {
        try
        {
            if (!File.Exists(path))
                CreatePrivateFile(path).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it in between.
        }

        return OperatingSystem.IsWindows()
            ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)
            : Open(path, ReadWrite);
    }

    /// <summary>Opens an existing file for reading, and follows no link: neither the folder nor the file may be one.</summary>
    /// <param name="folder">The folder; links above it are followed.</param>
    /// <param name="name">The file's name in it.</param>
    /// <exception cref="IOException">A link or a folder stands there, nothing stands there, or it cannot be read.</exception>
    public static SafeFileHandle OpenUnlinked(string folder, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            var path = Path.Combine(folder, name);
            return (File.GetAttributes(folder) | File.GetAttributes(path)).HasFlag(FileAttributes.ReparsePoint)
                ? throw new IOException($"on the way to {path} stands a link")
                : File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }

        // By the system, in one step each: between a look and an open somebody could put a link there.
        using var beneath = Open(folder, NoFollow);
        var file = NativeCalls.OpenAt(beneath, name, NoFollow | CloseOnExec);
        if (file.IsInvalid)
            throw Failed($"open {name} in {folder}");
        if (!File.GetAttributes(file).HasFlag(FileAttributes.Directory))
            return file;
        file.Dispose();
        throw new IOException($"{name} in {folder} is a folder");
    }

    /// <summary>Takes the lock of a file if nobody has it. The system frees it when the handle closes or the process dies.</summary>
    public static bool TryLock(SafeFileHandle file) => TryLock(file, LockExclusiveNow, LockFileExclusiveNow);

    /// <summary>Takes part in the lock of a file, which any number may share, if nobody has it alone.</summary>
    public static bool TryLockShared(SafeFileHandle file) => TryLock(file, LockSharedNow, LockFileSharedNow);

    /// <summary>Gives the lock of a file back.</summary>
    public static unsafe void Unlock(SafeFileHandle file)
    {
        var place = new NativeCalls.Overlapped { Offset = LockedByte };
        var freed = OperatingSystem.IsWindows() ? NativeCalls.UnlockFileEx(file, 0, 1, 0, &place) != 0 : NativeCalls.Flock(file, LockNone) == 0;
        if (!freed)
            throw Failed("unlock");
    }

    /// <summary>Lets the thread rest for a fraction of a millisecond, which the runtime cannot; Windows rounds it up to one.</summary>
    public static void Pause(int microseconds)
    {
        if (OperatingSystem.IsWindows())
            NativeCalls.Sleep(1);
        else
            _ = NativeCalls.Usleep((uint)microseconds); // An early return by a signal is no harm: the caller looks again anyway.
    }

    /// <summary>A text that is another after each start of the machine; empty on Windows, which has none, so that lock files alone decide there.</summary>
    public static unsafe string BootId()
    {
        if (OperatingSystem.IsLinux())
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        if (!OperatingSystem.IsMacOS())
            return "";
        var buffer = stackalloc byte[64];
        nuint length = 64;
        return NativeCalls.SystemControl("kern.bootsessionuuid", buffer, &length, null, 0) == 0
            ? Encoding.ASCII.GetString(buffer, (int)length).TrimEnd('\0')
            : throw Failed("sysctl");
    }

    /// <summary>The folder for this user's sockets: <c>XDG_RUNTIME_DIR</c>, else one of ours beside the temporary files. It may not exist yet.</summary>
    public static string RuntimeDirectory()
    {
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } given && Directory.Exists(given))
            return given;
        return OperatingSystem.IsWindows()
            ? Path.GetTempPath()
            : Path.Combine(Path.GetTempPath(), $"posthouse-{NativeCalls.EffectiveUser()}");
    }

    /// <summary>Bytes that this user may still write on the disk of a file; its folder exists.</summary>
    public static long FreeBytes(string path) => new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;

    /// <summary>What a file keeps when it is renamed and no copy of it has: the number of its disk, which may change when that is mounted anew, and its own.</summary>
    public static unsafe (ulong Disk, ulong Number) Identity(SafeFileHandle file)
    {
        const int emptyPath = 0x1000; // AT_EMPTY_PATH: the open file itself.
        const uint number = 0x100; // STATX_INO
        var answer = stackalloc byte[256]; // The largest of the three, Linux's.
        var failed = OperatingSystem.IsWindows() ? NativeCalls.GetFileInformation(file, answer) == 0
            : OperatingSystem.IsLinux() ? NativeCalls.StatX(file, "", emptyPath, number, answer) != 0
            : (RuntimeInformation.ProcessArchitecture is Architecture.X64 ? NativeCalls.Stat64(file, answer) : NativeCalls.Stat(file, answer)) != 0;
        if (failed)
            throw Failed("stat");
        if (OperatingSystem.IsWindows())
            return (*(uint*)(answer + 28), ((ulong)*(uint*)(answer + 44) << 32) | *(uint*)(answer + 48));
        return OperatingSystem.IsLinux()
            ? (((ulong)*(uint*)(answer + 136) << 32) | *(uint*)(answer + 140), *(ulong*)(answer + 32))
            : (*(uint*)answer, *(ulong*)(answer + 8));
    }

    /// <summary>The one spelling of a path, existing or not: full, with every link on its way followed, of folders too.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Canonical(string path) => Followed(Path.GetFullPath(path), MostLinks);

    private static string Followed(string full, int links)
    {
        if (Path.GetDirectoryName(full) is not { } folder)
            return full; // The root.
        var place = Path.Combine(Followed(folder, links), Path.GetFileName(full));
        if (new FileInfo(place).LinkTarget is not { } target)
            return place;
        return links > 0
            ? Followed(Path.GetFullPath(target, Path.GetDirectoryName(place)!), links - 1)
            : throw new IOException($"{full}: more than {MostLinks} links");
    }

    private static unsafe bool TryLock(SafeFileHandle file, int unix, uint windows)
    {
        if (!OperatingSystem.IsWindows())
            return NativeCalls.Flock(file, unix) == 0;
        var place = new NativeCalls.Overlapped { Offset = LockedByte };
        return NativeCalls.LockFileEx(file, windows, 0, 1, 0, &place) != 0;
    }

    private static FileStream Private(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = PrivateFile;
        return new FileStream(path, options);
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        var handle = NativeCalls.Open(path, flags | CloseOnExec);
        return handle.IsInvalid ? throw Failed($"open {path}") : handle;
    }

    private static IOException Failed(string call)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(code)} ({code})");
    }
}
