using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Sync.Handlers;

namespace Posthouse.Vcs.Hosting;

/// <summary>Registers the room of locks and sync. Everything is added with TryAdd: what was added before stays.</summary>
internal static class VcsRegistration
{
    /// <summary>Adds its tables, its jobs with their plans, and their handlers.</summary>
    /// <param name="builder">The core, with a database.</param>
    /// <param name="pocket">The folder of the person's store.</param>
    /// <param name="options">How operations are queued.</param>
    /// <param name="locks">The lease rules.</param>
    /// <param name="git">How Git is run.</param>
    /// <param name="tools">Makes what a project's remote is spoken to with, from the container.</param>
    public static PosthouseBuilder AddVcs(
        this PosthouseBuilder builder, string pocket, SyncOptions options, LockOptions locks, GitOptions git, Func<IServiceProvider, OpenTools> tools)
    {
        var services = builder.Services;
        services.TryAddSingleton(options);
        services.TryAddSingleton<IGit>(provider => new GitProgram(provider.GetRequiredService<TimeProvider>(), git));
        services.TryAddSingleton<ProjectBook>();
        services.TryAddSingleton<LockBook>();
        services.TryAddSingleton<RemoteHealth>();
        services.TryAddSingleton<OperationQueue>();
        services.TryAddSingleton<TransferFeed>();
        services.TryAddSingleton<SyncScope>();
        services.TryAddSingleton<ILockJournal, LockJournal>();
        services.TryAddSingleton<LockPrefixes>();
        services.TryAddSingleton<IWorkplaces>(provider => new Workplaces(
            provider.GetRequiredService<IGit>(), provider.GetRequiredService<IStore>(), provider.GetRequiredService<ProjectBook>(), pocket,
            tools(provider), locks, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>()));
        services.TryAddSingleton(provider => new OperationRun(
            provider.GetRequiredService<IWorkplaces>(), provider.GetRequiredService<TransferFeed>(), provider.GetRequiredService<SyncScope>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger<OperationRun>() ?? (ILogger)NullLogger.Instance));
        AddHandlers(builder);
        builder.AddJobs(registry =>
        {
            registry.AddPosthouseVcsJobs();
            registry.UsePlan<AcquireLock>(options.LockPlan);
            registry.UsePlan<ReleaseLock>(options.LockPlan);
            registry.UsePlan<RenewLock>(options.LockPlan);
            registry.UsePlan<BreakLock>(options.LockPlan);
            registry.UsePlan<PushCommits>(options.TransferPlan);
            registry.UsePlan<PullCommits>(options.TransferPlan);
            registry.UsePlan<SyncComments>(options.TransferPlan);
        });
        return builder.AddSchema(VcsSchema.Part);
    }

    private static void AddHandlers(PosthouseBuilder builder)
    {
        builder.AddHandler<AcquireLock, OperationResult, AcquireLockHandler>();
        builder.AddHandler<ReleaseLock, OperationResult, ReleaseLockHandler>();
        builder.AddHandler<RenewLock, OperationResult, RenewLockHandler>();
        builder.AddHandler<BreakLock, OperationResult, BreakLockHandler>();
        builder.AddHandler<PushCommits, OperationResult, PushCommitsHandler>();
        builder.AddHandler<PullCommits, OperationResult, PullCommitsHandler>();
        builder.AddHandler<SyncComments, OperationResult, SyncCommentsHandler>();
    }
}
