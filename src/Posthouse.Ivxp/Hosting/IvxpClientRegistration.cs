using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Posthouse.Connectivity;
using Posthouse.Hosting;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Hosting;

/// <summary>Registers a buyer. Everything is added with TryAdd: what an application added before stays.</summary>
public static class IvxpClientRegistration
{
    /// <summary>Adds a buyer: its tables, the job that takes steps, and <see cref="IvxpClient"/>.</summary>
    /// <param name="builder">The core, with a database.</param>
    /// <param name="options">How it buys.</param>
    /// <param name="exchange">The way out to providers and to the node; null: over guarded handlers.</param>
    public static PosthouseBuilder AddIvxpClient(this PosthouseBuilder builder, IvxpClientOptions options, IExchange? exchange = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        var services = builder.Services;
        services.TryAddSingleton(options);
        services.TryAddSingleton(Secp256k1.Best);
        services.TryAddSingleton(provider => new ClientExchange(
            exchange ?? new HttpExchange(new HttpMessageInvoker(GuardedHandlers.Create()), provider.GetRequiredService<TimeProvider>())));
        services.TryAddSingleton<PurchaseBook>();
        services.TryAddSingleton<PurchaseSteps>();
        services.TryAddSingleton(provider => new IvxpClient(
            provider.GetRequiredService<PurchaseBook>(), provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<PurchaseSteps>(), options,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>()));
        services.TryAddSingleton(provider => new PushInbox(provider.GetRequiredService<PurchaseBook>(), provider.GetRequiredService<ISecp256k1>(), provider.GetRequiredService<TimeProvider>()));
        builder.AddJobs(registry =>
        {
            // A provider in the same container has added the package's jobs already.
            if (!registry.IsRegistered(IvxpClient.JobName))
                registry.AddPosthouseIvxpJobs();
            registry.UsePlan<TakeStep>(PurchaseSteps.Plan);
        });
        builder.AddHandler<TakeStep, Nothing, TakeStepHandler>();
        return builder.AddSchema(PurchaseBook.Schema);
    }

    /// <summary>Private, so that the package's list of handlers leaves it out: a provider's container has no purchases and could not make it.</summary>
    private sealed class TakeStepHandler(PurchaseSteps steps) : IJobHandler<TakeStep, Nothing>
    {
        public Task<Outcome<Nothing>> HandleAsync(TakeStep job, JobContext context, CancellationToken cancellationToken) => steps.TakeAsync(job, context, cancellationToken);
    }
}
