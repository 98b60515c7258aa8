using Posthouse.Cli.Hosting;
using Spectre.Console;

namespace Posthouse.Cli.Output;

/// <summary>A sign on a terminal that something goes on. Apart from the rest, so that only a person's terminal loads the rendering library.</summary>
internal static class PurchaseSpinner
{
    /// <summary>Runs work with a spinner whose words it may change.</summary>
    public static Task<T> RunAsync<T>(OrderSite site, Func<Action<string>, Task<T>> work) => AnsiConsole.Status()
        .Spinner(site.Terminal.Unicode ? Spinner.Known.Dots : Spinner.Known.Line)
        .StartAsync("Asking for a price", context => work(words => context.Status(Markup.Escape(TextTable.Clean(words, site.Terminal.Unicode)))));
}
