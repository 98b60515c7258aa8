using System.Runtime.CompilerServices;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Retry;

public sealed class RetryDocsTests
{
    [Fact]
    public void The_page_shows_the_table_of_the_code() =>
        RowsUnder("| Seen | Kind | Counted |").ShouldBe(
            FailureTable.Rules.Select(r => $"| {r.Seen} | {r.Kind} | {(r.Counted ? "yes" : "no")} |"));

    [Fact]
    public void Counted_in_the_table_is_what_backoff_does()
    {
        foreach (var rule in FailureTable.Rules)
        {
            new Backoff().Decide(new FailedTry(new Failure(rule.Kind, "x"), 0, 0, TimeSpan.Zero, null), 0.5).Counted.ShouldBe(rule.Counted, rule.Seen);
        }
    }

    [Fact]
    public void The_page_explains_every_kind() =>
        RowsUnder("| Kind | What it says | What happens |").Select(row => row.Split('|')[1].Trim()).ShouldBe(Enum.GetNames<FailureKind>());

    [Fact]
    public void The_page_shows_the_defaults_of_backoff()
    {
        var plan = new Backoff();
        RowsUnder("| Setting | Default | Why |").Select(row => string.Join(' ', row.Split('|')[1..3].Select(c => c.Trim()))).ShouldBe(
        [
            $"`Base` {plan.Base.TotalSeconds} s",
            $"`Cap` {plan.Cap.TotalMinutes} min",
            $"`Jitter` {plan.Jitter.ToString().ToLowerInvariant()}",
            $"`MaxAttempts` {plan.MaxAttempts}, all tries included",
            $"`MaxAge` {plan.MaxAge.TotalDays} days",
        ]);
    }

    private static IEnumerable<string> RowsUnder(string header) => File.ReadLines(Page())
        .SkipWhile(line => line != header).Skip(2).TakeWhile(line => line.StartsWith('|'));

    private static string Page([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "retry.md");
}
