using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Hosting;

/// <summary>What <c>AddPosthouse</c> answers: the place to name store, jobs, handlers and rooms.</summary>
public sealed class PosthouseBuilder
{
    private readonly JobRegistry _registry;
    private readonly PosthouseOptions _options;

    internal PosthouseBuilder(IServiceCollection services, JobRegistry registry, PosthouseOptions options) =>
        (Services, _registry, _options) = (services, registry, options);

    /// <summary>The services everything is added to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps jobs in a SQLite file, created when it is missing.</summary>
    public PosthouseBuilder UseSqlite(string path)
    {
        _options.Database = path;
        return this;
    }

    /// <summary>Registers job types: the generated <c>AddXxxJobs</c>, or descriptors made by hand.</summary>
    public PosthouseBuilder AddJobs(Action<JobRegistry> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        register(_registry);
        return this;
    }

    /// <summary>Adds a handler; a new one is made, in a scope of its own, for every try.</summary>
    /// <typeparam name="TJob">The job it handles.</typeparam>
    /// <typeparam name="TResult">The job's result.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    public PosthouseBuilder AddHandler<TJob, TResult, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TJob : IJob<TResult>
        where THandler : class, IJobHandler<TJob, TResult>
    {
        Services.TryAddScoped<IJobHandler<TJob, TResult>, THandler>();
        return this;
    }

    /// <summary>Adds a room's tables to the store.</summary>
    public PosthouseBuilder AddSchema(SchemaPart part)
    {
        Services.AddSingleton(part);
        return this;
    }
}
