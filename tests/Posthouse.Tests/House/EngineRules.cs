namespace Posthouse.Tests.House;

/// <summary>
/// What the core's code may not use: awaits that leave the simulated thread (shown one by one in <c>AwaitRulesTests</c>),
/// clocks and chance that are taken instead of given, and threads.
/// </summary>
internal static class EngineRules
{
    private const string Tasks = "System.Threading.Tasks.";

    /// <summary>Types that may, each for the named rule alone, and why.</summary>
    public static readonly (string Type, string Rule, string Reason)[] Allowed =
    [
        ("Posthouse.Jobs.SystemIds", "chance", "is the port that chance comes through"),
        ("Posthouse.Storage.WriterGate", "threads", "waits for other processes, which a simulation has none of"),
        ("Posthouse.Storage.Bell", "threads", "hears other processes, which a simulation has none of"),
        ("Posthouse.Storage.Commit.LoopThread", "threads", "is the driver that a simulation replaces by its own"),
        ("Posthouse.Diagnostics.Reading`1", "awaits that leave the thread", "is observed by collectors that block, which a simulation has none of"),
    ];

    /// <summary>The rule that the reference breaks, null for none.</summary>
    public static string? BrokenBy(MethodReference use) => (use.Type, use.Member) switch
    {
        (_, "ConfigureAwait") when use.Type.StartsWith(Tasks, StringComparison.Ordinal) => "awaits that leave the thread",
        (Tasks + "Task" or Tasks + "TaskFactory" or Tasks + "TaskFactory`1", "Run" or "StartNew" or "WhenEach") => "awaits that leave the thread",
        ("System.Threading.Channels.ChannelReader`1", "ReadAllAsync") => "awaits that leave the thread",
        ("System.Threading.SemaphoreSlim", "WaitAsync") when use.Parameters.Count > 0 => "awaits that leave the thread",
        ("System.Threading.CancellationTokenSource", "CancelAsync") => "awaits that leave the thread",
        (Tasks + "Task", "Delay") when !HasClock(use) => "clocks",
        ("System.Threading.CancellationTokenSource", ".ctor") when use.Parameters is ["System.TimeSpan"] or ["System.Int32"] => "clocks",
        (Tasks + "Task" or Tasks + "Task`1", "WaitAsync") when use.Parameters.Contains("System.TimeSpan") && !HasClock(use) => "clocks",
        ("System.Threading.PeriodicTimer", ".ctor") when use.Parameters.Count == 1 => "clocks",
        ("System.DateTime" or "System.DateTimeOffset", "get_Now" or "get_UtcNow" or "get_Today") => "clocks",
        ("System.Environment", "get_TickCount" or "get_TickCount64") => "clocks",
        ("System.Diagnostics.Stopwatch", _) => "clocks",
        ("System.Guid", "NewGuid" or "CreateVersion7") => "chance",
        ("System.Random" or "System.Security.Cryptography.RandomNumberGenerator", _) => "chance",
        (Tasks + "Parallel" or Tasks + "ParallelLoopState" or "System.Linq.ParallelEnumerable", _) => "threads",
        ("System.Threading.Thread" or "System.Threading.ThreadPool" or "System.Threading.Timer" or "System.Timers.Timer", _) => "threads",
        ("System.Net.Http.HttpClient", _) => "HTTP",
        _ => null,
    };

    private static bool HasClock(MethodReference use) => use.Parameters.Contains("System.TimeProvider");
}
