using System.Runtime.CompilerServices;

namespace Posthouse.Tests;

/// <summary>The tests' verbs have a home of their own: none may see or change the pocket of whoever runs them.</summary>
internal static class OwnHome
{
    [ModuleInitializer]
    internal static void Begin()
    {
        var home = Directory.CreateTempSubdirectory("posthouse-home-").FullName;
        Environment.SetEnvironmentVariable("POSTHOUSE_HOME", home);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(home, recursive: true);
    }
}
