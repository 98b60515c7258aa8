using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Posthouse.Hosting;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Hosting;

/// <summary>Registers a provider. Everything is added with TryAdd: what an application added before stays.</summary>
public static class IvxpRegistration
{
    /// <summary>Adds a provider: its tables, its jobs and what answers its clients. <c>MapIvxp</c> puts it on the net.</summary>
    /// <param name="builder">The core, with a database.</param>
    /// <param name="options">How it sells.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a service or a limit is out of range.</exception>
    public static PosthouseBuilder AddIvxp(this PosthouseBuilder builder, IvxpOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.TryAddSingleton(options.Checked());
        builder.Services.TryAddSingleton(Secp256k1.Best);
        builder.Services.TryAddSingleton(provider => IvxpExchanges.Create(options.Push, provider.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton(provider => new IvxpLog(provider.GetService<ILoggerFactory>()));
        builder.Services.TryAddSingleton(provider => new IvxpMetrics(provider.GetRequiredService<IStore>, provider.GetRequiredService<TimeProvider>(), provider.GetService<IMeterFactory>()));
        builder.Services.TryAddSingleton<PushTraffic>(provider => new PushTraffic(options.Push, provider.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton<IMailPost>(provider => options.Notices.Smtp is { } smtp ? new SmtpPost(smtp, provider.GetRequiredService<TimeProvider>()) : NoMailPost.Instance);
        builder.Services.TryAddSingleton<ResultFiles>();
        builder.Services.TryAddSingleton<OrderBook>();
        builder.Services.TryAddSingleton<RequestQuote>();
        builder.Services.TryAddSingleton<AcceptPayment>();
        builder.Services.TryAddSingleton<ShowOrder>();
        builder.Services.TryAddSingleton<OrderFeed>();
        builder.Services.TryAddSingleton<StreamOrder>();
        builder.Services.TryAddSingleton<ConfirmDelivery>();
        builder.Services.TryAddSingleton<RedeliverOrder>();
        builder.Services.TryAddSingleton<ShowReceipt>();
        builder.Services.TryAddSingleton<Inbox>();
        builder.Services.TryAddSingleton<RunningTime>();
        builder.Services.TryAddSingleton<OrderExpiry>();
        builder.Services.TryAddSingleton<Retention>();
        builder.Services.TryAddSingleton<ChainCheck>();
        builder.Services.AddPosthouseIvxpJobs();
        builder.AddJobs(registry => registry.UsePlan<PushDelivery>(PushDelivery.Plan(options.Push)).UsePlan<PerformWork>(new Backoff { MaxAttempts = options.WorkAttempts }).UsePlan<WebhookNotice>(WebhookNotice.Plan(options.Push)));
        return builder.AddSchema(OrderRows.Schema).AddSchema(Announcements.Schema);
    }

    /// <summary>Adds the development chain, on which everybody has as much USDC as they like. Never beside real customers.</summary>
    /// <param name="builder">The core, with a database.</param>
    /// <param name="network">The network that is played.</param>
    public static PosthouseBuilder AddDevChain(this PosthouseBuilder builder, UsdcNetwork network)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(provider => new DevChain(network, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>()));
        return builder.AddSchema(DevChain.Schema);
    }
}
