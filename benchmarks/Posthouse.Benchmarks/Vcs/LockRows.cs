using System.Collections.Concurrent;
using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.SystemTests.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Benchmarks.Vcs;

/// <summary>Locks: one after the other on a good line, and two hundred on a line on which three of ten exchanges fail.</summary>
internal static class LockRows
{
    /// <summary>What a verb gives a probe unless told otherwise, and the source's ceiling.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private const int Good = 30;
    private const int Acquires = 200;
    private const int Workers = 8;
    private const int FailuresInHundred = 30;

    public static async Task RunAsync(Report report)
    {
        await using var ground = await Ground.OpenAsync();
        var project = await ground.CloneAsync("ana");
        await GoodLineAsync(report, ground, project);
        await ProbeAsync(report, ground, project);

        var random = new Random(30);
        ground.Server.Fault = request => Fails(request, random);
        await BadLineAsync(report, ground, project, "without retry", attempts: 1);
        await BadLineAsync(report, ground, project, "with retry", attempts: 5);
    }

    private static async Task GoodLineAsync(Report report, Ground ground, Project project)
    {
        var policy = Policy(ground, project);
        var (acquire, renew, release) = (new Latencies(), new Latencies(), new Latencies());
        for (var i = 0; i < Good; i++)
        {
            var key = ResourceKey.Of($"song {i}");
            await TimedAsync(acquire, () => policy.AcquireAsync(new AcquireRequest(key, TimeSpan.FromHours(4)), $"a{i}", default));
            await TimedAsync(renew, () => policy.RenewAsync(new RenewRequest(key, TimeSpan.FromHours(8)), $"n{i}", default));
            await TimedAsync(release, () => policy.ReleaseAsync(new ReleaseRequest(key), $"r{i}", default));
        }

        report.AddAgainst("lock acquire, p50", acquire.P(50), 2_000);
        report.AddAgainst("lock acquire, p99", acquire.P(99), 3_000);
        report.AddAgainst("lock release, p50", release.P(50), 1_000);
        report.AddAgainst("lock release, p99", release.P(99), 2_000);
        report.Add("lock renew, p50", renew.P(50), "ms");
    }

    private static async Task TimedAsync(Latencies latencies, Func<Task<LockAnswer>> operation)
    {
        var at = Stopwatch.GetTimestamp();
        var answer = await operation();
        latencies.Add(at);
        if (!answer.IsSuccess)
        {
            throw new InvalidOperationException(answer.ToString());
        }
    }

    /// <summary>Each worker takes locks of its own; a failed exchange is tried again after the delays that the product uses.</summary>
    private static async Task BadLineAsync(Report report, Ground ground, Project project, string how, int attempts)
    {
        var (policy, plan, next, done, tries) = (Policy(ground, project), new Backoff { Base = TimeSpan.FromSeconds(1), Cap = TimeSpan.FromSeconds(15), Jitter = Jitter.Equal, MaxAttempts = attempts }, 0, 0, 0);
        var times = new ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) <= Acquires;)
            {
                var at = Stopwatch.GetTimestamp();
                for (var attempt = 0; ; attempt++)
                {
                    Interlocked.Increment(ref tries);
                    var answer = await policy.AcquireAsync(new AcquireRequest(ResourceKey.Of($"{how} {i}"), TimeSpan.FromHours(4)), $"{how}-{i}", default);
                    if (answer.IsSuccess)
                    {
                        Interlocked.Increment(ref done);
                        times.Add(Stopwatch.GetElapsedTime(at).Ticks);
                        break;
                    }

                    var failure = new Failure(FailureKind.Transient, "line");
                    if (plan.Decide(new FailedTry(failure, attempt, 0, TimeSpan.Zero, null), SystemIds.Instance.NextFraction()) is not { Kind: RetryVerdict.Again, Delay: var delay })
                    {
                        break;
                    }

                    await Task.Delay(delay);
                }
            }
        })));
        var sorted = times.Order().ToArray();
        report.Add($"{Acquires} acquires, {FailuresInHundred} % of exchanges fail, {how}: acquired", 100.0 * done / Acquires, "%");
        report.AddAgainst($"  {how}: p50", TimeSpan.FromTicks(sorted[sorted.Length / 2]).TotalMilliseconds, attempts == 1 ? 3_000 : 15_000);
        report.AddAgainst($"  {how}: slowest", TimeSpan.FromTicks(sorted[^1]).TotalMilliseconds, 30_000);
        report.Add($"  {how}: tries for each", (double)tries / Acquires, "");
    }

    /// <summary>An exchange is one run of Git. A read fails at its start; a write at its start, or, as often, with its answer lost.</summary>
    private static GitHttpFault? Fails(GitHttpRequest request, Random random)
    {
        lock (random)
        {
            var half = FailuresInHundred / 2.0;
            return (random.NextDouble() * 100) switch
            {
                var dice when request.Method == "GET" && dice < (request.IsPushDiscovery ? half : FailuresInHundred) => (GitHttpFault)new GitHttpFault.Reset(),
                var dice when request.IsPush && dice < half * 100 / (100 - half) => new GitHttpFault.DropAnswer(),
                _ => null,
            };
        }
    }

    private static async Task ProbeAsync(Report report, Ground ground, Project project)
    {
        var online = new Latencies();
        var reach = new RemoteReach(ground, project, TimeProvider.System);
        for (var i = 0; i < Good; i++)
        {
            var at = Stopwatch.GetTimestamp();
            await reach.ProbeAsync(_patience, default);
            online.Add(at);
        }

        report.AddAgainst("connectivity probe, online, p50", online.P(50), 100);

        // An address of a network that leads nowhere (RFC 5737). Where packets vanish the limit ends the wait; where a router says so, it does.
        var nowhere = new RemoteReach(ground, project with { PushUrl = "http://192.0.2.1/r.git" }, TimeProvider.System);
        var began = Stopwatch.GetTimestamp();
        await nowhere.ProbeAsync(_patience, default);
        report.AddAgainst("connectivity probe, address that leads nowhere", Stopwatch.GetElapsedTime(began).TotalMilliseconds, 5_000);
    }

    private static LockPolicy Policy(Ground ground, Project project) => new(
        new GitRefLockStore(ground, project, new Journal()), new FirstSights(), new LockOwner("Ana", "ana@example.org", "ana", "desk", "machine", project.CloneId), new LockOptions(), TimeProvider.System);

    private sealed class Journal : ILockJournal
    {
        private readonly ConcurrentDictionary<string, BuiltRecord> _built = new();

        public ValueTask<BuiltRecord?> FindAsync(string opId) => ValueTask.FromResult(_built.GetValueOrDefault(opId));

        public ValueTask KeepAsync(string opId, BuiltRecord built)
        {
            _built[opId] = built;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FirstSights : ISightings
    {
        public ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version) => ValueTask.FromResult(TimeSpan.Zero);
    }
}
