using System.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Notices;
using Posthouse.Storage;

namespace Posthouse.Tests.Prober;

/// <summary>
/// The other process of a test. Usage: prober ROLE DATABASE [ARGUMENT…]. It says "ready" when it stands where its role wants it.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var (role, database) = (args[0], args[1]);
        switch (role)
        {
            case "hold-gate":
                using (WriterGate.For(database).Enter(WriterGate.DefaultLimit))
                    SayReadyAndWait();
                return 0;
            case "loop-gate":
                LoopGate(database);
                return 0;
            case "listen":
                using (Bell.Listen(database, () => Console.WriteLine("rung")))
                    SayReadyAndWait();
                return 0;
            case "enqueue":
                await Producer.RunAsync(database, name: args[2], count: int.Parse(args[3]));
                return 0;
            case "dispatch":
                await Worker.RunAsync(database);
                return 0;
            case "everything":
                await Everything.RunAsync(database, name: args[2], count: int.Parse(args[3]), bytes: int.Parse(args[4]));
                return 0;
            case "prices":
                await PriceKeeper.RunAsync(database);
                return 0;
            case "egress":
                await EgressProbe.RunAsync();
                return 0;
            case "mail":
                // Whom the machine trusts is asked once in a process, so that another trust needs another process.
                var options = new SmtpOptions("localhost", "orders@provider.example") { Port = int.Parse(args[2]), UserName = "orders", Password = "s3cret" };
                var failure = await new SmtpPost(options, TimeProvider.System).SendAsync(new MailText("ann@client.example", "Ready", "It waits.", "ivxp-1"), CancellationToken.None);
                Console.WriteLine(failure?.Message ?? "taken");
                return 0;
            default:
                Console.Error.WriteLine($"No role {role}.");
                return 2;
        }
    }

    private static void SayReadyAndWait()
    {
        Console.WriteLine("ready");
        Console.ReadLine();
    }

    /// <summary>A saturated server: group after group of two milliseconds, with nothing between them, until it is killed.</summary>
    private static void LoopGate(string database)
    {
        Console.WriteLine("ready");
        while (true)
        {
            using var turn = WriterGate.For(database).Enter(WriterGate.DefaultLimit);
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 2)
                Thread.SpinWait(50);
        }
    }
}
