namespace Posthouse.SystemTests.Vcs;

/// <summary>A folder that stands for the whole world of a play: homes, a server's repositories, programs.</summary>
internal sealed class Stage : IDisposable
{
    public Stage()
    {
        Root = Directory.CreateTempSubdirectory("posthouse-stage-").FullName;
        Programs = Directory.CreateDirectory(Path.Combine(Root, "bin")).FullName;
        var program = Path.Combine(Programs, "posthouse");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll")}' \"$@\"\n");
        MakeProgram(program);
    }

    public string Root { get; }

    /// <summary>Where the shell finds posthouse.</summary>
    public string Programs { get; }

    public List<Person> Cast { get; } = [];

    /// <summary>Lets a script be run.</summary>
    public static void MakeProgram(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
