// The other process of a test. Usage: prober ROLE DATABASE. It says "ready" when it stands where its role wants it.
using System.Diagnostics;
using Posthouse.Storage;

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
    default:
        Console.Error.WriteLine($"No role {role}.");
        return 2;
}
