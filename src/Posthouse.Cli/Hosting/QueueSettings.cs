using Posthouse.Dispatch;
using Posthouse.Queue;

namespace Posthouse.Cli.Hosting;

/// <summary>The keys under <c>Queue</c>, as the core takes them.</summary>
internal static class QueueSettings
{
    public static QueueLimits Limits(Configuration configuration) => new()
    {
        MaxOpenJobs = configuration.Count(ConfigurationKeys.QueueMaxOpenJobs),
        MaxJobBytes = Whole(configuration, ConfigurationKeys.QueueMaxPayloadBytes),
        MaxFileBytes = configuration.Count(ConfigurationKeys.QueueMaxFileBytes),
    };

    public static DispatchOptions Dispatch(Configuration configuration) => new()
    {
        Concurrency = Whole(configuration, ConfigurationKeys.QueueConcurrency),
        KeepFinished = configuration.Duration(ConfigurationKeys.QueueKeepFinished),
        Lease = Lease(configuration),
    };

    /// <summary>Shorter ones are lost to a pause of the runtime; a longer one would outlast what other machines wait for a sign of life.</summary>
    private static TimeSpan Lease(Configuration configuration) => configuration.Duration(ConfigurationKeys.QueueLease) is var lease && lease >= TimeSpan.FromSeconds(3) && lease <= TimeSpan.FromMinutes(1)
        ? lease
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{configuration.SourceOf(ConfigurationKeys.QueueLease)}: {ConfigurationKeys.QueueLease} is {configuration.Text(ConfigurationKeys.QueueLease)}; 3 s to 1 min can be taken");

    private static int Whole(Configuration configuration, string key) => configuration.Count(key) is <= int.MaxValue and var count
        ? (int)count
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{configuration.SourceOf(key)}: {key} is {configuration.Count(key)}; at most {int.MaxValue} is taken");
}
