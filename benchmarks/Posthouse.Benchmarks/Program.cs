using Posthouse.Benchmarks;
using Posthouse.Benchmarks.Dashboard;
using Posthouse.Benchmarks.Ivxp;
using Posthouse.Benchmarks.Mesh;
using Posthouse.Benchmarks.Postgres;
using Posthouse.Benchmarks.Queue;
using Posthouse.Benchmarks.Vcs;

// ./bench NAME [--json FILE]: one benchmark, a table on standard output, the same as JSON if asked for.
Dictionary<string, Func<Report, Task>> benchmarks = new(StringComparer.Ordinal)
{
    ["queue"] = QueueBenchmark.RunAsync,
    ["postgres"] = PostgresBenchmark.RunAsync,
    ["dashboard"] = DashboardBenchmark.RunAsync,
    ["queue-depth"] = DepthBenchmark.RunAsync,
    ["ivxp"] = OrderBenchmark.RunAsync,
    ["vcs"] = VcsBenchmark.RunAsync,
    ["mesh"] = MeshBenchmark.RunAsync,
    ["ivxp-signatures"] = SignatureBenchmark.RunAsync,
    ["mesh-node"] = MeshNodeBenchmark.RunAsync,
};

if (args.Length > 0 && args[0] == PickupElsewhere.Role)
{
    return await PickupElsewhere.ListenAsync(args[1]);
}

if (args.Length > 0 && args[0] == PostgresWorker.Role)
{
    return await PostgresWorker.WorkAsync(args[1], args[2]);
}

if (args.Length > 0 && args[0] == ServedNode.Role)
{
    return await ServedNode.ListenAsync(args[1], args[2]);
}

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var run))
{
    Console.Error.WriteLine("usage: ./bench NAME [--json FILE]");
    Console.Error.WriteLine("names: " + string.Join(", ", benchmarks.Keys));
    return 2;
}

var report = new Report(args[0]);
await run(report);
report.Print(Console.Out);
if (Array.IndexOf(args, "--json") is var at and >= 0 && at + 1 < args.Length)
{
    await File.WriteAllTextAsync(args[at + 1], report.ToJson());
}

return 0;
