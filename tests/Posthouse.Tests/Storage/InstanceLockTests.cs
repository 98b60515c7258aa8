using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

/// <summary>The file that says that a process lives.</summary>
public sealed partial class InstanceLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nobody_else_can_read_or_take_it()
    {
        var path = _folder.File("posthouse.db");
        using var held = InstanceLock.TryTake(path, new InstanceId("1-a")).ShouldNotBeNull();

        InstanceLock.TryTake(path, new InstanceId("1-a")).ShouldBeNull();
        Durable.IsPrivate(path + "-instance-1-a").ShouldBeTrue();
    }

    [Fact]
    public void Let_go_it_is_free_though_a_program_that_is_being_started_has_a_copy_of_the_open_file()
    {
        var path = _folder.File("posthouse.db");
        var held = InstanceLock.TryTake(path, new InstanceId("1-a")).ShouldNotBeNull();
        var own = Directory.EnumerateFiles("/proc/self/fd").Single(file => Target(file) == path + "-instance-1-a");
        using var copy = new SafeFileHandle(Duplicate(int.Parse(Path.GetFileName(own), CultureInfo.InvariantCulture)), ownsHandle: true);
        copy.IsInvalid.ShouldBeFalse();

        held.Dispose();

        InstanceLock.IsHeld(path, new InstanceId("1-a")).ShouldBeFalse();
        held.Dispose();
    }

    /// <summary>What a handle of this process is open on; null: another test has closed it meanwhile.</summary>
    private static string? Target(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, returnFinalTarget: false)?.FullName;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A second handle to one open file, as a child has between its birth and its program.</summary>
    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int file);
}
