using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Posthouse.Connectivity;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Hosting;

/// <summary>Where a host runs, it starts and stops the queue.</summary>
public sealed class HostsTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    [Fact]
    public async Task The_generic_host_starts_and_stops_the_queue()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new FarSide()).AddPosthouse().UseSqlite(_folder.File("app.db")).AddPosthouseTestsJobs();
        using var host = builder.Build();
        await host.StartAsync();

        var letter = await host.Services.GetRequiredService<JobQueue>().EnqueueAsync(new Letter("hosted"));
        (await letter.Completion.WaitAsync(Office.Patience)).State.ShouldBe(JobState.Done);
        var posthouse = host.Services.GetRequiredService<PosthouseHost>();
        posthouse.Completion.IsCompleted.ShouldBeFalse();

        await host.StopAsync();
        posthouse.Completion.IsCompleted.ShouldBeTrue();
        (await Should.ThrowAsync<PosthouseException>(() => host.Services.GetRequiredService<JobQueue>().EnqueueAsync(new Letter("too late"))))
            .Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task The_web_host_does_so_too()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(new FarSide()).AddPosthouse().UseSqlite(_folder.File("web.db")).AddPosthouseTestsJobs();
        await using var app = builder.Build();
        app.MapPost("/letters/{text}", async (string text, JobQueue queue) =>
        {
            var letter = await queue.EnqueueAsync(new Letter(text));
            return Results.Text((await letter.Completion.WaitAsync(Office.Patience)).Result!.Text);
        });
        await app.StartAsync();
        var answer = await app.GetTestClient().PostAsync(new Uri("/letters/hello", UriKind.Relative), null);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("arrived: hello");

        await app.StopAsync();
        app.Services.GetRequiredService<PosthouseHost>().Completion.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_host_that_is_disposed_of_without_a_stop_still_ends_the_queue_in_order()
    {
        PosthouseHost posthouse;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new FarSide()).AddPosthouse().UseSqlite(_folder.File("app.db")).AddPosthouseTestsJobs();
        using (var host = builder.Build())
        {
            await host.StartAsync();
            posthouse = host.Services.GetRequiredService<PosthouseHost>();
        }

        posthouse.Completion.IsCompleted.ShouldBeTrue();
        posthouse.Completion.IsFaulted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_queue_that_dies_stops_the_host()
    {
        var clock = new ManualTimeProvider();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton<IConnectivity, BrokenConnectivity>();
        builder.Services.AddSingleton(new FarSide()).AddPosthouse().UseSqlite(_folder.File("app.db")).AddPosthouseTestsJobs();
        using var host = builder.Build();
        await host.StartAsync();
        var stopping = new TaskCompletionSource();
        using var registration = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        clock.Advance(TimeSpan.FromSeconds(1));
        await stopping.Task.WaitAsync(Office.Patience);
        await Should.ThrowAsync<NotSupportedException>(() => host.StopAsync());
    }

    [Fact]
    public async Task A_store_that_cannot_be_opened_stops_the_start()
    {
        await File.WriteAllTextAsync(_folder.File("occupied"), "no folder");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new FarSide()).AddPosthouse().UseSqlite(Path.Combine(_folder.File("occupied"), "app.db")).AddPosthouseTestsJobs();
        using var host = builder.Build();
        (await Should.ThrowAsync<PosthouseException>(() => host.StartAsync())).Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>An application's own part that fails inside the dispatcher's loop.</summary>
    private sealed class BrokenConnectivity : IConnectivity
    {
        public event Action<string?>? Changed
        {
            add { }
            remove { }
        }

        public ConnectivityState StateOf(string destination) => ConnectivityState.Unknown;

        public int RoomFor(string destination) => int.MaxValue;

        public void Report(string destination, bool reached)
        {
        }

        public TimeSpan? UntilNextProbe() => throw new NotSupportedException("broken");

        public void ProbeNow()
        {
        }
    }
}
