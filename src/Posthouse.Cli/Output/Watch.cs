using Posthouse.Cli.Hosting;
using Posthouse.Storage;
using Spectre.Console;

namespace Posthouse.Cli.Output;

/// <summary>
/// Shows a view of the store again and again until it is interrupted: redrawn in place for a person, written anew after
/// each change for a pipe. The only place of the verbs that loads the rendering library.
/// </summary>
internal static class Watch
{
    /// <summary>Half a second seems at once to a person, and looking costs a few microseconds.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until the token is cancelled, and then throws <see cref="OperationCanceledException"/>.</summary>
    /// <param name="site">Whom it is shown to.</param>
    /// <param name="view">Writes one view; the reader is null while there is no store.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(QueueSite site, Action<QueueSite, IStoreLook?> view, CancellationToken cancellationToken)
    {
        if (site.Terminal.IsInteractive && !site.Json)
        {
            await AnsiConsole.Live(new Text("")).AutoClear(false).StartAsync(live => LoopAsync(site, view, always: true,
                text => live.UpdateTarget(new Text(text)), cancellationToken));
            return;
        }

        await LoopAsync(site, view, always: false, site.Output.Write, cancellationToken);
    }

    private static async Task LoopAsync(
        QueueSite site, Action<QueueSite, IStoreLook?> view, bool always, Action<string> show, CancellationToken cancellationToken)
    {
        IStoreLook? reader = null;
        try
        {
            // Ages grow without a change, so a person's view is always drawn; a pipe hears of changes only.
            for (long? seen = null; ; await Task.Delay(_interval, site.Time, cancellationToken))
            {
                reader ??= site.Look();
                var version = reader?.Version ?? 0;
                if (!always && version == seen) { continue; }
                seen = version;
                var text = new StringWriter();
                view(site with { Output = text }, reader);
                show(text.ToString());
            }
        }
        finally
        {
            reader?.Dispose();
        }
    }
}
