using System.Reflection;
using System.Runtime.CompilerServices;

namespace Posthouse.Tests;

/// <summary>The tests' verbs hear nothing of whoever runs them: a build server, another language or a terminal without colours change no test.</summary>
internal static class OwnEnvironment
{
    [ModuleInitializer]
    internal static void Begin()
    {
        // A test's own child that loads this assembly is given exactly what the test means.
        if (Assembly.GetEntryAssembly() != typeof(OwnEnvironment).Assembly) { return; }

        var foreign = Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name =>
            name is "CI" or "NO_COLOR" or "NO_EMOJI" or "TERM" or "LC_ALL" or "LC_CTYPE" or "XDG_STATE_HOME" or "XDG_DATA_HOME"
            || name.StartsWith("GIT_", StringComparison.Ordinal)
            || name.StartsWith("POSTHOUSE__", StringComparison.Ordinal));
        foreach (var name in foreign) { Environment.SetEnvironmentVariable(name, null); }

        Environment.SetEnvironmentVariable("LANG", "C.UTF-8");
    }
}
