// The other process of a test. Usage: prober ROLE DATABASE [ARGUMENT…]. It says "ready" when it stands where its role wants it.
using System.Diagnostics;
using Posthouse.Storage;
using Posthouse.Tests.Prober;

var (role, database) = (args[0], args[1]);
switch (role)
{
    case "hold-gate":
        using (WriterGate.For(database).Enter(WriterGate.DefaultLimit))
        {
            Console.WriteLine("ready");
            Console.ReadLine();
        }

        return 0;
    case "loop-gate":
        Console.WriteLine("ready");
        while (true)
        {
            // A saturated server: group after group of two milliseconds, with nothing between them.
            using var turn = WriterGate.For(database).Enter(WriterGate.DefaultLimit);
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 2)
                Thread.SpinWait(50);
        }

    case "listen":
        using (var bell = Bell.Listen(database, () => Console.WriteLine("rung")))
        {
            Console.WriteLine("ready");
            Console.ReadLine();
        }

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
    default:
        Console.Error.WriteLine($"No role {role}.");
        return 2;
}
