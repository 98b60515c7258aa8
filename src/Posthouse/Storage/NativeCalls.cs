using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Posthouse.Storage;

/// <summary>The system calls that <see cref="Durable"/> makes itself, because the runtime hides their failure or has no name for them.</summary>
internal static unsafe partial class NativeCalls
{
    /// <summary>Windows' OVERLAPPED; only the offset is used, to say which byte is locked.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Overlapped
    {
        public nint Internal;
        public nint InternalHigh;
        public uint Offset;
        public uint OffsetHigh;
        public nint Event;
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(SafeFileHandle file, int operation);

    /// <summary>Without O_CREAT, so that no variadic argument is passed, which some systems pass another way.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags);

    /// <summary>Opens a name beneath an open folder; without O_CREAT, as above.</summary>
    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle OpenAt(SafeFileHandle folder, string name, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Link(string file, string name);

    /// <summary>POSIX' struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Polled
    {
        public int File;
        public short Asked;
        public short Told;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(ref Polled files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "usleep")]
    internal static partial int Usleep(uint microseconds);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "sysctlbyname", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SystemControl(string name, byte* value, nuint* length, byte* newValue, nuint newLength);

    /// <summary>Linux's statx: the only call of the family whose answer looks the same on every processor.</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatX(SafeFileHandle file, string path, int flags, uint mask, byte* answer);

    /// <summary>macOS on ARM, where the plain name has 64-bit file numbers.</summary>
    [LibraryImport("libc", EntryPoint = "fstat", SetLastError = true)]
    internal static partial int Stat(SafeFileHandle file, byte* answer);

    /// <summary>macOS on Intel, where the plain name has 32-bit ones.</summary>
    [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    internal static partial int Stat64(SafeFileHandle file, byte* answer);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle", SetLastError = true)]
    internal static partial int GetFileInformation(SafeFileHandle file, byte* answer);

    [LibraryImport("kernel32", EntryPoint = "FlushFileBuffers", SetLastError = true)]
    internal static partial int FlushFileBuffers(SafeFileHandle file);

    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial int MoveFileEx(string from, string to, uint flags);

    [LibraryImport("kernel32", EntryPoint = "LockFileEx", SetLastError = true)]
    internal static partial int LockFileEx(SafeFileHandle file, uint flags, uint reserved, uint low, uint high, Overlapped* place);

    [LibraryImport("kernel32", EntryPoint = "UnlockFileEx", SetLastError = true)]
    internal static partial int UnlockFileEx(SafeFileHandle file, uint reserved, uint low, uint high, Overlapped* place);

    [LibraryImport("kernel32", EntryPoint = "Sleep")]
    internal static partial void Sleep(uint milliseconds);
}
