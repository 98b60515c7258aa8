using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.House;

public sealed class EngineRulesTests
{
    private static readonly IReadOnlyList<MethodReference> Core = MethodReferences.Of(typeof(IIds).Assembly.Location);
    private static readonly IReadOnlyList<MethodReference> Tests = MethodReferences.Of(typeof(EngineRulesTests).Assembly.Location);

    [Fact]
    public void The_core_uses_nothing_that_leaves_the_simulation()
    {
        var offences =
            from use in Core
            let rule = EngineRules.BrokenBy(use)
            where rule is not null && !EngineRules.Allowed.Any(entry => entry.Type == use.User && entry.Rule == rule)
            select $"{use.User} uses {use.Type}.{use.Member}({string.Join(", ", use.Parameters)}): {rule}";

        offences.ShouldBeEmpty("use the port instead, or give the type an entry with its reason in EngineRules.Allowed");
    }

    [Fact]
    public void Every_exception_to_the_rules_is_still_needed()
    {
        foreach (var (type, rule, _) in EngineRules.Allowed)
            Core.ShouldContain(use => use.User == type && EngineRules.BrokenBy(use) == rule, $"{type} no longer needs its entry for {rule}");
    }

    [Fact]
    public void Every_await_that_is_shown_to_leave_the_thread_is_found_in_the_code_that_shows_it()
    {
        var found = Offences(typeof(AwaitRulesTests));

        found.ShouldBe(
            [
                "CancellationTokenSource.CancelAsync", "ChannelReader`1.ReadAllAsync", "Parallel.ForEachAsync", "SemaphoreSlim.WaitAsync",
                "Task.ConfigureAwait", "Task.Delay", "Task.Run", "Task.WhenEach",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void Clocks_chance_and_threads_are_found_in_lambdas_iterators_and_method_groups()
    {
        Offences(typeof(Offender)).ShouldBe(
            [
                "DateTime.get_UtcNow", "DateTimeOffset.get_Now", "Environment.get_TickCount64", "Guid.NewGuid", "Random.get_Shared",
                "Random.Next", "Stopwatch.GetTimestamp", "Thread.Sleep",
            ],
            ignoreOrder: true);
    }

    private static string[] Offences(Type user) =>
    [
        .. Tests.Where(use => use.User == user.FullName && EngineRules.BrokenBy(use) is not null)
            .Select(use => $"{use.Type[(use.Type.LastIndexOf('.') + 1)..]}.{use.Member}")
            .Distinct(),
    ];
}

/// <summary>Never run; each line breaks a rule in another shape of code.</summary>
internal static class Offender
{
    public static Func<Guid> Group => Guid.NewGuid;

    public static Func<long> Lambda => () => Environment.TickCount64 + Stopwatch.GetTimestamp();

    public static IEnumerable<object> Iterator()
    {
        yield return DateTime.UtcNow;
        yield return DateTimeOffset.Now;
    }

    public static async Task<T> GenericAsync<T>(T value)
    {
        await Task.Yield();
        Thread.Sleep(Random.Shared.Next(1));
        return value;
    }
}
