namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>The first start of a node is the one that makes its keys, and the disk may be full then.</summary>
public sealed class FirstStartTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("posthouse-first-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_first_start_on_a_full_disk_leaves_nothing_that_the_next_one_stumbles_over()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "data")).FullName;
        using var disk = new SmallDisk(folder, "40m");
        disk.Fill();
        await using (var first = Serve(disk, folder))
        {
            (await first.EndAsync()).ShouldNotBe(0);
            first.Said.ShouldContain("No space left");
        }

        disk.Free();
        await using var second = Serve(disk, folder);
        await second.SaysAsync("Mesh:   posthouse as");
    }

    private RunningProgram Serve(SmallDisk disk, string folder) => RunningProgram.Start(
        disk.Inside[0],
        [.. disk.Inside[1..], "dotnet", Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"), "serve", "--dev", "--data", folder, "--urls", "http://127.0.0.1:0"],
        _root,
        ("POSTHOUSE_HOME", _root));
}
