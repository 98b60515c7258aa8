using Microsoft.Win32.SafeHandles;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DurableTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_failing_fsync_throws()
    {
        using var nobodysDescriptor = new SafeFileHandle(54321, ownsHandle: false);
        Should.Throw<IOException>(() => Durable.Fsync(nobodysDescriptor)).Message.ShouldContain("fsync");
        var closed = File.OpenHandle(_folder.File("x"), FileMode.Create, FileAccess.Write);
        closed.Dispose();
        Should.Throw<ObjectDisposedException>(() => Durable.Fsync(closed));
        Should.Throw<IOException>(() => Durable.FsyncDirectory(_folder.File("missing")));
    }

    [Fact]
    public void Links_that_lead_in_a_circle_are_an_error_and_no_endless_walk()
    {
        File.CreateSymbolicLink(_folder.File("a"), "b");
        File.CreateSymbolicLink(_folder.File("b"), "a");
        Should.Throw<IOException>(() => Durable.Canonical(_folder.File("a"))).Message.ShouldContain("links");
        Durable.Canonical(_folder.File("missing/file")).ShouldEndWith("missing/file");
    }

    [Fact]
    public void A_planted_link_is_not_opened_wherever_on_the_way_it_stands()
    {
        var vault = Directory.CreateDirectory(_folder.File("vault")).FullName;
        var folder = Directory.CreateDirectory(Path.Combine(vault, "ab")).FullName;
        File.WriteAllText(Path.Combine(folder, "file"), "kept");
        using (var file = Durable.OpenUnlinked(folder, "file"))
        using (var reader = new StreamReader(new FileStream(file, FileAccess.Read)))
            reader.ReadToEnd().ShouldBe("kept");

        File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(folder, "file"));
        Directory.CreateSymbolicLink(Path.Combine(vault, "cd"), folder);
        Directory.CreateDirectory(Path.Combine(folder, "folder"));
        Should.Throw<IOException>(() => Durable.OpenUnlinked(folder, "link"));
        Should.Throw<IOException>(() => Durable.OpenUnlinked(Path.Combine(vault, "cd"), "file"));
        Should.Throw<IOException>(() => Durable.OpenUnlinked(folder, "folder")).Message.ShouldContain("is a folder");
        Should.Throw<IOException>(() => Durable.OpenUnlinked(folder, "missing")).Message.ShouldContain("missing");
    }

    [Fact]
    public void An_atomic_write_replaces_the_content_and_leaves_nothing_beside_it()
    {
        var path = _folder.File("state");
        Durable.WriteAllBytesAtomically(path, "first"u8);
        Durable.WriteAllBytesAtomically(path, "second"u8);
        File.ReadAllText(path).ShouldBe("second");
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder.Path).ShouldBe([path]);
    }

    [Fact]
    public void An_atomic_write_that_fails_keeps_the_old_content()
    {
        var path = _folder.File("folder");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "old"), "old");
        Should.Throw<Exception>(() => Durable.WriteAllBytesAtomically(path, "new"u8));
        File.ReadAllText(Path.Combine(path, "old")).ShouldBe("old");
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_private_file_is_new_and_for_its_owner_alone()
    {
        var path = _folder.File("key");
        Durable.CreatePrivateFile(path).Dispose();
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Should.Throw<IOException>(() => Durable.CreatePrivateFile(path));
    }

    [Fact]
    public void A_lock_has_one_holder_and_ends_with_its_handle()
    {
        var path = _folder.File("lock");
        var first = Durable.OpenLockFile(path);
        using var second = Durable.OpenLockFile(path);
        Durable.TryLock(first).ShouldBeTrue();
        Durable.TryLock(second).ShouldBeFalse();
        Durable.Unlock(first);
        Durable.TryLock(second).ShouldBeTrue();
        Durable.Unlock(second);
        Durable.TryLock(first).ShouldBeTrue();
        first.Dispose();
        Durable.TryLock(second).ShouldBeTrue();
    }

    [Fact]
    public void The_boot_has_one_name()
    {
        Durable.BootId().ShouldNotBeEmpty();
        Durable.BootId().ShouldBe(Durable.BootId());
    }

    [Fact]
    public void A_link_and_its_file_are_one_path()
    {
        File.WriteAllText(_folder.File("real"), "");
        File.CreateSymbolicLink(_folder.File("link"), _folder.File("real"));
        Durable.Canonical(_folder.File("link")).ShouldBe(_folder.File("real"));
        Durable.Canonical(_folder.File("missing")).ShouldBe(_folder.File("missing"));
    }
}
