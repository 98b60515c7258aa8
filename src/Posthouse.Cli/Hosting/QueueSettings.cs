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
    };

    private static int Whole(Configuration configuration, string key) => configuration.Count(key) is <= int.MaxValue and var count
        ? (int)count
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{configuration.SourceOf(key)}: {key} is {configuration.Count(key)}; at most {int.MaxValue} is taken");
}
