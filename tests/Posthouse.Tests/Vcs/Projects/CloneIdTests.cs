using Posthouse.Jobs;
using Posthouse.Tests.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Projects;

namespace Posthouse.Tests.Vcs.Projects;

public sealed class CloneIdTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void An_id_stays_and_is_private()
    {
        var id = Of("song");

        id.ShouldMatch("^[0-9a-f]{16}$");
        Of("song").ShouldBe(id);
        if (!OperatingSystem.IsWindows()) { File.GetUnixFileMode(_temp.File("song/posthouse/clone")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite); }
    }

    [Fact]
    public void A_moved_clone_keeps_its_id_and_a_copy_gets_its_own()
    {
        var id = Of("song");
        Directory.Move(_temp.File("song"), _temp.File("moved"));
        Copy("moved", "copy");

        Of("moved").ShouldBe(id);
        var copy = Of("copy");
        copy.ShouldNotBe(id);
        Of("copy").ShouldBe(copy);
        Of("moved").ShouldBe(id);
    }

    [Fact]
    public void A_copy_that_takes_the_originals_place_gets_an_id_of_its_own_too()
    {
        var id = Of("song");
        Directory.Move(_temp.File("song"), _temp.File("song before"));
        Copy("song before", "song");

        Of("song").ShouldNotBe(id);
        Of("song before").ShouldBe(id);
    }

    [Theory]
    [InlineData(9, 2, 3, "/a", true)] // The disk was mounted anew.
    [InlineData(1, 2, 4, "/b", true)] // It was renamed.
    [InlineData(9, 8, 3, "/a", true)] // A file system that makes up its numbers was mounted anew.
    [InlineData(1, 8, 4, "/a", false)] // A copy in its place.
    [InlineData(9, 2, 4, "/b", false)] // A copy on another disk, which has the same number by chance.
    [InlineData(1, 8, 3, "/b", false)] // A copy that kept its times.
    public void The_same_file_is_known(ulong disk, ulong number, long born, string path, bool isSame) =>
        CloneId.IsTheSame(new(1, 2, 3, "/a"), new(disk, number, born, path)).ShouldBe(isSame);

    [Fact]
    public void A_clone_is_another_one_at_each_remote()
    {
        var id = Of("song");

        CloneId.At(id, "origin").ShouldBe(id);
        var nas = CloneId.At(id, "nas");
        nas.ShouldNotBe(id);
        nas.ShouldBe(CloneId.At(id, "nas"));
        CloneId.IsId(nas).ShouldBeTrue();
        CloneId.At(id, "hub").ShouldNotBe(nas);
    }

    [Fact]
    public void A_file_in_the_folders_place_is_named()
    {
        Directory.CreateDirectory(_temp.File("song"));
        File.WriteAllText(_temp.File("song/posthouse"), "");

        var failure = Should.Throw<PosthouseException>(() => Of("song"));
        failure.Code.ShouldBe(VcsErrors.LocalFailure);
        failure.Message.ShouldStartWith(Path.Combine(_temp.File("song"), "posthouse") + " is a file");
    }

    [Fact]
    public void A_torn_file_is_written_anew()
    {
        Of("song");
        File.WriteAllText(_temp.File("song/posthouse/clone"), "0123");

        Of("song").ShouldMatch("^[0-9a-f]{16}$");
    }

    [Fact]
    public void Many_at_once_agree()
    {
        var ids = new string[16];
        var machines = new string[16];
        Parallel.For(0, 16, index =>
        {
            ids[index] = Of("song");
            machines[index] = MachineId.Of(_temp.File("pocket"), SystemIds.Instance);
        });

        ids.Distinct().Count().ShouldBe(1);
        machines.Distinct().Count().ShouldBe(1);
        machines[0].ShouldMatch("^[0-9a-f]{16}$");
        Directory.GetFiles(_temp.File("pocket")).Length.ShouldBe(1);
    }

    private string Of(string name) => CloneId.Of(_temp.File(name), SystemIds.Instance);

    private void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(_temp.File(from), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_temp.File(to), Path.GetRelativePath(_temp.File(from), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
