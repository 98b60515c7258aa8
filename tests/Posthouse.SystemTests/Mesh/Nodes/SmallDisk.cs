using System.Diagnostics;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>
/// A disk of a test's own, over a folder. Programs see it who run inside its mount namespace, which is in a user namespace, so that
/// nobody needs to be root for it. It lives as long as a program in it, which ends when this process does.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Mount = "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" && echo ready && exec cat";

    private readonly string _folder;
    private readonly Process _holder;

    /// <summary>Mounts it.</summary>
    /// <param name="folder">Over this folder.</param>
    /// <param name="size">Its size, as <c>mount</c> takes it.</param>
    public SmallDisk(string folder, string size)
    {
        _folder = folder;
        string[] words = ["--user", "--map-root-user", "--mount", "sh", "-c", Mount, "sh", size, folder];
        _holder = Process.Start(new ProcessStartInfo("unshare", words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        if (_holder.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidOperationException($"This machine lets nobody mount a disk of one's own (user namespaces): {_holder.StandardError.ReadToEnd()}");
        }
    }

    /// <summary>What a program that sees it runs under.</summary>
    public string[] Inside => ["nsenter", "--target", $"{_holder.Id}", "--user", "--preserve-credentials", "--mount"];

    /// <summary>Its folder, as programs see it that are not inside.</summary>
    private string Outside => $"/proc/{_holder.Id}/root{_folder}";

    private string Filling => Path.Combine(Outside, "filling");

    /// <summary>Takes all of its space.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filling, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var page = new byte[Environment.SystemPageSize];
        try
        {
            while (true) { file.Write(page); }
        }
        catch (IOException)
        {
            // That was the last one.
        }
    }

    /// <summary>Gives its space back.</summary>
    public void Free() => File.Delete(Filling);

    /// <summary>Copies what is on it into the folder that it hides, where programs see it that are not inside.</summary>
    public void Show()
    {
        using var copy = Process.Start("cp", ["-a", Outside + "/.", _folder]);
        copy.WaitForExit();
        copy.ExitCode.ShouldBe(0);
    }

    /// <summary>Lets nobody write a file who opens it from now on, whoever that is.</summary>
    /// <param name="file">Its path in the folder.</param>
    public void Forbid(string file)
    {
        var path = Path.Combine(_folder, file);
        string[] words = [.. Inside[1..], "sh", "-c", "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"", "sh", path];
        using var run = Process.Start(new ProcessStartInfo(Inside[0], words) { RedirectStandardError = true })!;
        var errors = run.StandardError.ReadToEnd();
        run.WaitForExit();
        run.ExitCode.ShouldBe(0, errors);
    }

    public void Dispose()
    {
        _holder.Kill();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
