using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>A step of a purchase as it stands in the queue: its job says only which purchase it is, and the buyer's tables what that is.</summary>
internal static class QueuedPurchase
{
    /// <summary>The purchase whose step a job is; null where the store has none.</summary>
    public static Purchase? Of(IRead read, JobRecord job) =>
        job.Name == IvxpClient.JobName && read.Scalar("SELECT count(*) FROM schema_part WHERE name = $1", PurchaseBook.Schema.Name) > 0 && Text(job, "purchase") is { } id ? PurchaseRows.Find(read, id) : null;

    /// <summary>What is bought, for how much, and which step it is.</summary>
    public static string Title(Purchase purchase, JobRecord job) =>
        $"{purchase.ServiceType}{(purchase.Price is { } price ? $" for {price} USDC" : "")}, order {purchase.Name}: {Word(job)}";

    /// <summary>What a buyer can do about a step that failed. The verbs of orders know the pocket alone.</summary>
    public static string Hint(QueueSite site, Purchase purchase, JobRecord job)
    {
        var discard = $"{site.Next($"discard {job.Id}")} gives it up";
        if (site.Place.Kind is not StoreKind.Pocket) { return discard; }

        var dispute = purchase is { ProvedAt: not null, ConfirmedAt: null, DisputedAt: null } ? $", 'posthouse order dispute {purchase.Name} --reason TEXT' disputes it" : "";
        return $"'posthouse order resume {purchase.Name}' goes on with it{dispute}, {discard}";
    }

    private static string Word(JobRecord job)
    {
        using var payload = JsonDocument.Parse(job.Payload);
        return payload.RootElement.TryGetProperty("step", out var step) && step.TryGetInt32(out var number) ? JobWords.Word((PurchaseStep)number) : "step";
    }

    private static string? Text(JobRecord job, string name)
    {
        using var payload = JsonDocument.Parse(job.Payload);
        return payload.RootElement.TryGetProperty(name, out var text) ? text.GetString() : null;
    }
}
