using Posthouse.Ivxp.Hosting;

namespace Posthouse.Cli.Hosting;

/// <summary>The keys under <c>Ivxp:Push</c> and <c>Ivxp:Notices</c>, as the provider takes them.</summary>
internal static class PushSettings
{
    /// <summary>The mail account's password, for those who hand secrets over in the environment.</summary>
    private const string PasswordVariable = "POSTHOUSE_SMTP_PASSWORD";

    public static PushOptions Push(Configuration configuration) => new()
    {
        Delays = configuration.Durations(ConfigurationKeys.PushDelays),
        Timeout = configuration.Duration(ConfigurationKeys.PushTimeout),
        AllowPrivateEndpoints = configuration.IsOn(ConfigurationKeys.PushAllowPrivateEndpoints),
        HttpsOnly = configuration.IsOn(ConfigurationKeys.PushHttpsOnly),
        Ports = [.. configuration.Texts(ConfigurationKeys.PushPorts).Select(port => Whole(ConfigurationKeys.PushPorts, long.Parse(port)))],
        PerHostConcurrency = Whole(configuration, ConfigurationKeys.PushPerHostConcurrency),
        PerHostPerMinute = Whole(configuration, ConfigurationKeys.PushPerHostPerMinute),
        PerClientPerHour = Whole(configuration, ConfigurationKeys.PushPerClientPerHour),
    };

    /// <summary>Who is told besides the client's endpoint.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a key is missing, or a file with a secret cannot be used.</exception>
    public static NoticeOptions Notices(Configuration configuration) => new() { Smtp = Smtp(configuration), Webhook = Webhook(configuration) };

    private static SmtpOptions? Smtp(Configuration configuration) => configuration.Text(ConfigurationKeys.SmtpHost) is { } host
        ? new SmtpOptions(host, configuration.Required(ConfigurationKeys.SmtpFrom))
        {
            Port = Whole(configuration, ConfigurationKeys.SmtpPort),
            StartTls = configuration.IsOn(ConfigurationKeys.SmtpStartTls),
            UserName = configuration.Text(ConfigurationKeys.SmtpUserName),
            Password = Environment.GetEnvironmentVariable(PasswordVariable)
                ?? (configuration.Text(ConfigurationKeys.SmtpPasswordFile) is { } file ? SecretFile.Read(file) : null),
        }
        : null;

    private static WebhookOptions? Webhook(Configuration configuration) => configuration.Text(ConfigurationKeys.WebhookUrl) is { } url
        ? new WebhookOptions(new Uri(url), SecretFile.Read(configuration.Required(ConfigurationKeys.WebhookSecretFile)))
        : null;

    private static int Whole(Configuration configuration, string key) => Whole(key, configuration.Count(key));

    private static int Whole(string key, long count) => count <= int.MaxValue
        ? (int)count
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{key} is {count}; at most {int.MaxValue} is taken");
}
