using System.Diagnostics;

namespace Posthouse.Tests.Storage;

/// <summary>The other process of a test, in one of the roles of <c>Posthouse.Tests.Prober</c>; killed when the test ends.</summary>
internal sealed class Prober : IDisposable
{
    private readonly Process _process;

    public Prober(string role, string database)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Posthouse.Tests.Prober.dll");
        _process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, role, database])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        ReadLine().ShouldBe("ready");
    }

    public int Pid => _process.Id;

    public string? ReadLine() => _process.StandardOutput.ReadLine();

    /// <summary>SIGKILL: nothing of the process runs after it.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Lets the process end in its own way.</summary>
    public void Stop()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
