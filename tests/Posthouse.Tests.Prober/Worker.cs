using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;

namespace Posthouse.Tests.Prober;

/// <summary>Runs jobs until it is asked to end, by SIGTERM or by the end of its input; then stops in order.</summary>
internal static class Worker
{
    public static async Task RunAsync(string database)
    {
        var stop = new TaskCompletionSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        await using var services = EffectHost.Build(database, dispatches: true);
        await using var host = await services.StartPosthouse();
        Console.WriteLine("ready");
        await Task.WhenAny(stop.Task, Task.Run(Console.ReadLine));
        await host.StopAsync();
        Console.WriteLine("stopped");
    }
}
