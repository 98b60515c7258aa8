using static Posthouse.Cli.Hosting.ValueForm;

namespace Posthouse.Cli.Hosting;

/// <summary>Every key there is. A key that is not in this table is refused wherever it comes from.</summary>
internal static class ConfigurationKeys
{
    public const string Urls = "Urls";
    public const string DataDirectory = "DataDirectory";
    public const string DashboardEnabled = "Dashboard:Enabled";
    public const string DashboardTokenFile = "Dashboard:TokenFile";
    public const string DashboardHosts = "Dashboard:Hosts";
    public const string Network = "Ivxp:Network";
    public const string RpcUrl = "Ivxp:RpcUrl";
    public const string PublicUrl = "Ivxp:PublicUrl";
    public const string ProviderName = "Ivxp:ProviderName";
    public const string WalletKeyFile = "Ivxp:Wallet:KeyFile";
    public const string StrictV10 = "Ivxp:StrictV10";
    public const string FlatDialect = "Ivxp:FlatDialect";
    public const string CorsOrigins = "Ivxp:Cors:Origins";
    public const string LimitRequests = "Ivxp:Limits:RequestsPerMinute";
    public const string LimitUnknownOrders = "Ivxp:Limits:UnknownOrdersPerMinute";
    public const string LimitClaims = "Ivxp:Limits:ClaimsPerMinute";
    public const string LimitStreams = "Ivxp:Limits:OpenStreams";
    public const string LimitStreamsPerClient = "Ivxp:Limits:OpenStreamsPerClient";
    public const string Services = "Ivxp:Services";
    public const string PushDelays = "Ivxp:Push:Delays";
    public const string WorkAttempts = "Ivxp:WorkAttempts";
    public const string PushTimeout = "Ivxp:Push:Timeout";
    public const string PushAllowPrivateEndpoints = "Ivxp:Push:AllowPrivateEndpoints";
    public const string RetentionKeep = "Ivxp:Retention:Keep";
    public const string RetentionArchiveDirectory = "Ivxp:Retention:ArchiveDirectory";
    public const string PushHttpsOnly = "Ivxp:Push:HttpsOnly";
    public const string PushPorts = "Ivxp:Push:Ports";
    public const string PushPerHostConcurrency = "Ivxp:Push:PerHostConcurrency";
    public const string PushPerHostPerMinute = "Ivxp:Push:PerHostPerMinute";
    public const string PushPerClientPerHour = "Ivxp:Push:PerClientPerHour";
    public const string SmtpHost = "Ivxp:Notices:Smtp:Host";
    public const string SmtpPort = "Ivxp:Notices:Smtp:Port";
    public const string SmtpStartTls = "Ivxp:Notices:Smtp:StartTls";
    public const string SmtpFrom = "Ivxp:Notices:Smtp:From";
    public const string SmtpUserName = "Ivxp:Notices:Smtp:UserName";
    public const string SmtpPasswordFile = "Ivxp:Notices:Smtp:PasswordFile";
    public const string WebhookUrl = "Ivxp:Notices:Webhook:Url";
    public const string WebhookSecretFile = "Ivxp:Notices:Webhook:SecretFile";
    public const string PaymentsConfirmations = "Ivxp:Payments:Confirmations";
    public const string PaymentsGrace = "Ivxp:Payments:Grace";
    public const string ContractAddress = "Ivxp:Notices:Contract:Address";
    public const string ContractMaxFeeGwei = "Ivxp:Notices:Contract:MaxFeeGwei";
    public const string QueueConcurrency = "Queue:Concurrency";
    public const string QueueMaxOpenJobs = "Queue:MaxOpenJobs";
    public const string QueueMaxPayloadBytes = "Queue:MaxPayloadBytes";
    public const string QueueMaxFileBytes = "Queue:MaxFileBytes";
    public const string QueueKeepFinished = "Queue:KeepFinished";
    public const string QueueLease = "Queue:Lease";
    public const string LocksTimeout = "Locks:Timeout";
    public const string LocksBackend = "Locks:Backend";
    public const string LocksDirectory = "Locks:Directory";
    public const string LocksName = "Locks:Name";
    public const string LocksClockSkewTolerance = "Locks:ClockSkewTolerance";
    public const string LocksTakeoverGrace = "Locks:TakeoverGrace";
    public const string LocksRequireLatest = "Locks:RequireLatest";
    public const string LocksFencePush = "Locks:FencePush";
    public const string LocksMaxHold = "Locks:MaxHold";
    public const string LocksAutoRenew = "Locks:AutoRenew";
    public const string LocksRenewBefore = "Locks:RenewBefore";
    public const string NetworkMaxRetries = "Network:MaxRetries";
    public const string NetworkInitialBackoff = "Network:InitialBackoff";
    public const string NetworkMaxBackoff = "Network:MaxBackoff";
    public const string NetworkTransferMaxRetries = "Network:TransferMaxRetries";
    public const string NetworkTransferMaxBackoff = "Network:TransferMaxBackoff";
    public const string NetworkJitter = "Network:Jitter";
    public const string NetworkRetryAfterMax = "Network:RetryAfterMax";
    public const string NetworkOperationDeadline = "Network:OperationDeadline";
    public const string NetworkProbeInterval = "Network:ProbeInterval";
    public const string NetworkProbeTimeout = "Network:ProbeTimeout";
    public const string NetworkStallBytesPerSecond = "Network:StallBytesPerSecond";
    public const string NetworkStallTime = "Network:StallTime";
    public const string SyncAuto = "Sync:Auto";
    public const string SyncAutoBudget = "Sync:AutoBudget";
    public const string SyncMaxEntries = "Sync:MaxEntries";
    public const string SyncCleanupAfter = "Sync:CleanupAfter";
    public const string SyncMaxAttempts = "Sync:MaxAttempts";
    public const string SyncMaxAge = "Sync:MaxAge";
    public const string SyncAcquireMaxAge = "Sync:AcquireMaxAge";
    public const string PushStagedThreshold = "Push:StagedThreshold";
    public const string PushBatch = "Push:Batch";
    public const string HeartbeatInterval = "Heartbeat:Interval";
    public const string UiProgress = "Ui:Progress";
    public const string UiEmoji = "Ui:Emoji";

    public static readonly ConfigurationKey[] All =
    [
        new(Urls, ValueForm.Urls, "http://127.0.0.1:6060", false, "Where the server listens; several with semicolons between them."),
        new(DataDirectory, Text, "./data", false, "The station: the server's folder for everything it keeps."),
        new(DashboardEnabled, Switch, "true", false, "Whether the server shows its dashboard at /."),
        new(DashboardTokenFile, Text, null, false, "A file with the token that opens the dashboard, at least 20 characters; without one only browsers on the server's machine are let in."),
        new(DashboardHosts + ":*", Text, null, false, "A name under which browsers reach the dashboard, beside localhost and plain addresses."),
        new(Network, ValueForm.Network, "base-mainnet", false, "The chain on which orders are paid: base-mainnet or base-sepolia."),
        new(RpcUrl, Url, null, false, "The Ethereum JSON-RPC endpoint that payments are read from."),
        new(PublicUrl, Url, null, false, "The server's address as clients see it."),
        new(ProviderName, Text, "Posthouse", true, "The provider's name in the catalog."),
        new(WalletKeyFile, Text, null, false, "The file with the wallet's private key, readable by its owner alone."),
        new(StrictV10, Switch, "false", true, "Shows a failed push to IVXP 1.0 readers as delivery_failed."),
        new(FlatDialect, Switch, "false", true, "Answers status and download in the flat dialect, errors as sentences."),
        new(CorsOrigins + ":*", Text, null, false, "An origin of web pages that may call the provider from a browser; * for every one, without credentials."),
        new(LimitRequests, Count, "600", true, "Requests a minute from one address."),
        new(LimitUnknownOrders, Count, "60", true, "Unknown order ids a minute from one address; then none is answered for a while."),
        new(LimitClaims, Count, "10", true, "Proofs of the wallet that one address may ask for in a minute."),
        new(LimitStreams, Count, "1000", true, "Streams of orders that may be open at the same time."),
        new(LimitStreamsPerClient, Count, "50", true, "Streams that one address may hold open."),
        new(Services + ":*:Type", Text, null, false, "The service's name in orders."),
        new(Services + ":*:PriceUsdc", Amount, null, false, "Its price in USDC."),
        new(Services + ":*:Description", Text, null, false, "One sentence for the catalog."),
        new(Services + ":*:EstimatedDeliveryHours", Amount, "1", false, "How long it usually takes, in hours, more than 0."),
        new(Services + ":*:Exec:*", Text, null, false, "The command that does the work and its arguments: request on standard input, deliverable on standard output."),
        new(Services + ":*:TimeLimit", Duration, "00:10:00", false, "How long the command may run before it counts as failed."),
        new(Services + ":*:SignedDownload", Switch, "false", false, "Lets only the order's client download, by a signed request; clients of IVXP 1.0 cannot sign one."),
        new(PushDelays + ":*", Duration, "00:00:00, 00:01:00, 00:05:00, 00:15:00, 01:00:00, 02:00:00", true, "The wait before each push, counted from the end of the push before."),
        new(WorkAttempts, Count, "8", true, "How often paid work may fail before its order is delivery_failed."),
        new(PushTimeout, Duration, "00:00:30", true, "How long one push may take."),
        new(PushAllowPrivateEndpoints, Switch, "false", false, "Lets deliveries go to addresses of private networks."),
        new(RetentionKeep, Duration, "7.00:00:00", false, "How long a result is kept after completion, at least 24 hours; time for which the server does not run is not counted."),
        new(RetentionArchiveDirectory, Text, null, false, "A folder that results are moved to when their time is over; otherwise they are removed."),
        new(PushHttpsOnly, Switch, "false", false, "Lets deliveries go to https endpoints alone."),
        new(PushPorts + ":*", Count, null, false, "The ports that deliveries may go to; none given means all."),
        new(PushPerHostConcurrency, Count, "4", false, "How many pushes may run towards one host and port at the same time."),
        new(PushPerHostPerMinute, Count, "6000", false, "How many pushes may go to one host and port within a minute."),
        new(PushPerClientPerHour, Count, "20000", false, "How many pushes the orders of one client may cause within an hour."),
        new(SmtpHost, Text, null, false, "The mail server that tells clients of waiting results; without one no e-mail leaves."),
        new(SmtpPort, Count, "587", false, "Its port."),
        new(SmtpStartTls, Switch, "true", false, "Whether nothing is said to it before the connection is encrypted by STARTTLS."),
        new(SmtpFrom, Text, null, false, "The sender of that mail."),
        new(SmtpUserName, Text, null, false, "The account at the mail server, if it wants one."),
        new(SmtpPasswordFile, Text, null, false, "The file with its password, readable by its owner alone; the variable POSTHOUSE_SMTP_PASSWORD goes before it."),
        new(WebhookUrl, Url, null, false, "The operator's own endpoint, told when a result waits and of every later change; it may be private."),
        new(WebhookSecretFile, Text, null, false, "The file with the secret that signs those notices, whsec_ and base64, readable by its owner alone."),
        new(PaymentsConfirmations, Count, "1", false, "How many blocks must show a payment, its own included."),
        new(PaymentsGrace, Duration, "00:01:00", false, "How much later than the end of a quote a payment's block may be."),
        new(ContractAddress, Text, null, false, "The contract through which clients who are away are told on the chain that a result waits, deployed by the provider's wallet."),
        new(ContractMaxFeeGwei, Amount, "5", false, "The most that such a notice pays for each unit of gas, in gwei."),
        new(QueueConcurrency, Count, "10", true, "How many jobs run at the same time."),
        new(QueueMaxOpenJobs, Count, "1000000", true, "How many jobs may be open; more are refused."),
        new(QueueMaxPayloadBytes, Count, "1048576", true, "How large one job's payload may be, in bytes."),
        new(QueueMaxFileBytes, Count, "8589934592", true, "How large the files of all open jobs may be together, in bytes."),
        new(QueueKeepFinished, Duration, "1.00:00:00", true, "How long a finished job is kept in a station."),
        new(QueueLease, Duration, "00:01:00", false, "How long a server may give no sign of life before another one of the same store works on what it worked on, 3 s to a minute."),
        new(LocksTimeout, Duration, "04:00:00", true, "How long a lock lasts where the verb names no time."),
        new(LocksBackend, Text, "auto", false, "Where locks are kept: auto, git, directory, lfs or none."),
        new(LocksDirectory, Text, null, false, "The folder that keeps the locks where Locks:Backend is directory, for example on a file server; 'posthouse init' prepares it."),
        new(LocksName, Text, null, true, "What the project is called in Locks:Directory, for two of one name; otherwise the last part of its remote's address."),
        new(LocksClockSkewTolerance, Duration, "00:05:00", false, "How far two clocks may differ before an expired lock is taken over."),
        new(LocksTakeoverGrace, Duration, "00:01:00", false, "How long an expired lock must have been seen unchanged before it is taken over."),
        new(LocksRequireLatest, Switch, "true", false, "Refuses a lock while the remote's branch is ahead of what is here."),
        new(LocksFencePush, Switch, "true", false, "Sends the locks that this clone holds with each push, so that a lost lock stops it."),
        new(LocksMaxHold, Duration, "12:00:00", true, "How long a lock is renewed by itself at most."),
        new(LocksAutoRenew, Switch, "false", true, "Has each verb that talks to the remote renew this clone's locks that are about to end."),
        new(LocksRenewBefore, Duration, "00:30:00", true, "How long before its end a lock is about to end."),
        new(NetworkMaxRetries, Count, "5", true, "Tries of a lock operation in the foreground, the first included."),
        new(NetworkInitialBackoff, Duration, "00:00:01", true, "The wait after the first failed try; it doubles."),
        new(NetworkMaxBackoff, Duration, "00:00:15", true, "The longest wait between tries of a lock operation."),
        new(NetworkTransferMaxRetries, Count, "3", true, "Tries of a push, a pull or an exchange of comments in the foreground."),
        new(NetworkTransferMaxBackoff, Duration, "00:00:30", true, "The longest wait between their tries."),
        new(NetworkJitter, Text, "equal", true, "How waits are spread: equal, full or none."),
        new(NetworkRetryAfterMax, Duration, "00:01:00", true, "The longest that a verb waits because the far side asked for it; longer, and the operation is queued."),
        new(NetworkOperationDeadline, Duration, "00:00:45", true, "The longest that a verb tries a lock operation or an exchange of comments."),
        new(NetworkProbeInterval, Duration, "00:00:30", true, "How long the answer to whether the remote can be reached is believed."),
        new(NetworkProbeTimeout, Duration, "00:00:05", true, "How long that question may take."),
        new(NetworkStallBytesPerSecond, Count, "1000", true, "A transfer slower than this counts as stalled."),
        new(NetworkStallTime, Duration, "00:00:30", true, "How long it may be so slow before it is ended."),
        new(SyncAuto, Switch, "true", true, "Sends what is pending before a verb that needs the remote."),
        new(SyncAutoBudget, Duration, "00:00:10", true, "The longest that takes."),
        new(SyncMaxEntries, Count, "1000", true, "How many operations of one project may wait; more are refused."),
        new(SyncCleanupAfter, Duration, "7.00:00:00", true, "How long finished operations are kept for a look."),
        new(SyncMaxAttempts, Count, "20", true, "Counted tries of a queued operation in all."),
        new(SyncMaxAge, Duration, "7.00:00:00", true, "How long an operation may wait before it expires."),
        new(SyncAcquireMaxAge, Duration, "1.00:00:00", true, "The same for a lock: one that comes days later surprises its holder."),
        new(PushStagedThreshold, Count, "67108864", true, "Above so many bytes a push is sent in batches that need not be sent again after a cut."),
        new(PushBatch, Count, "16777216", true, "How many bytes one batch has."),
        new(HeartbeatInterval, Duration, "00:10:00", true, "How often a held lock is renewed, at most a third of its lease."),
        new(UiProgress, Switch, "true", true, "Shows how far a transfer is."),
        new(UiEmoji, Switch, "true", true, "Uses signs such as a tick where the terminal can show them."),
        .. StoreKeys.All,
        .. MeshKeys.All,
        .. OperatingKeys.All,
    ];

    private static readonly Dictionary<string, ConfigurationKey> _byName = All.ToDictionary(key => key.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The declared key of a concrete name, for example of <c>ivxp:push:delays:3</c>, or null.</summary>
    public static ConfigurationKey? Find(string name) => _byName.GetValueOrDefault(Pattern(name));

    /// <summary>The name as the table spells it, with the numbers of the given one.</summary>
    public static string Spell(ConfigurationKey key, string name)
    {
        var given = name.Split(':');
        return string.Join(':', key.Name.Split(':').Select((part, index) => part == "*" ? given[index] : part));
    }

    /// <summary>The keys of a group such as <c>Ivxp:Push</c> or of a list such as <c>Ivxp:Push:Delays</c>; empty for any other name.</summary>
    public static IEnumerable<ConfigurationKey> Under(string group)
    {
        var start = Pattern(group) + ":";
        return All.Where(key => key.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the name is a list: its items are numbered.</summary>
    public static bool IsList(string name) => Under(name).Any(key => key.Name[(Pattern(name).Length + 1)..].StartsWith('*'));

    /// <summary>The outermost list an item's name belongs to, or null.</summary>
    public static string? ListOf(string name)
    {
        var parts = name.Split(':');
        var number = Array.FindIndex(parts, IsNumber);
        return number < 1 ? null : string.Join(':', parts[..number]);
    }

    private static string Pattern(string name) => string.Join(':', name.Split(':').Select(part => IsNumber(part) ? "*" : part));

    private static bool IsNumber(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);
}
