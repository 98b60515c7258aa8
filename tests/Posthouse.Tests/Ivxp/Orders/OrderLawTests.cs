using System.Text.RegularExpressions;
using Posthouse.Ivxp.Orders;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp.Orders;

public sealed partial class OrderLawTests
{
    private static readonly string Page = Tree.Read("spec/ivxp/state-machine.md").Text;

    [Fact]
    public void The_drawing_is_the_law() =>
        Arrow().Matches(Page).Select(arrow => arrow.Groups[1].Value)
            .ShouldBe(OrderLaw.Rows.SelectMany(row => Sources(row).Select(from => $"{from} --> {(row.To is { } to ? OrderLaw.Name(to) : from)} : {row.Number} {Name(row.Event)}")), ignoreOrder: true);

    [Fact]
    public void The_table_is_the_law()
    {
        var written = Section("Rows").Select(cells => $"{cells[0]}|{cells[1]}|{cells[2]}|{cells[3]}");
        written.ShouldBe(OrderLaw.Rows.Select(row =>
            $"{row.Number}|{(row.From.Count == 0 ? "–" : string.Join(", ", row.From.Select(OrderLaw.Name)))}|{Name(row.Event)}|{(row.To is { } to ? OrderLaw.Name(to) : "–")}"));
    }

    [Fact]
    public void The_views_are_those_of_the_page()
    {
        var rows = Section("What a reader sees");
        rows.Count.ShouldBe(Enum.GetValues<OrderState>().Length);
        foreach (var cells in rows)
        {
            var state = OrderLaw.Parse(cells[0]);
            var facts = new OrderFacts(state, HasContent: true);
            OrderView.Status11(state).ShouldBe(cells[1]);
            OrderView.Status10(facts).ShouldBe(cells[2]);
            OrderView.Download(facts).ShouldBe(cells[3] switch
            {
                "not ready" => DownloadAnswer.NotReady,
                "content" => DownloadAnswer.Content,
                "failed (500)" => DownloadAnswer.Failed,
                _ => DownloadAnswer.Gone,
            }, cells[0]);
        }
    }

    [Fact]
    public void No_event_leads_from_one_state_to_two() =>
        OrderLaw.Rows.SelectMany(row => Sources(row).Select(from => (from, row.Event))).GroupBy(pair => pair).ShouldAllBe(group => group.Count() == 1);

    [Fact]
    public void Every_state_is_reached_and_every_event_is_used()
    {
        OrderLaw.Rows.Where(row => row.To is not null).Select(row => row.To!.Value).Distinct().Order().ShouldBe(Enum.GetValues<OrderState>());
        OrderLaw.Rows.Select(row => row.Event).Distinct().Order().ShouldBe(Enum.GetValues<OrderEvent>());
    }

    [Fact]
    public void What_stands_in_no_row_is_refused()
    {
        OrderLaw.Next(null, OrderEvent.Requested).ShouldBe(OrderState.Quoted);
        OrderLaw.Next(OrderState.Quoted, OrderEvent.Requested).ShouldBeNull();
        OrderLaw.Next(null, OrderEvent.PaymentVerified).ShouldBeNull();
        OrderLaw.Next(OrderState.ClientConfirmed, OrderEvent.DisputeSigned).ShouldBeNull();
        OrderLaw.Next(OrderState.Paid, OrderEvent.QuoteExpired).ShouldBeNull();
        OrderLaw.Next(OrderState.Disputed, OrderEvent.RetentionOver).ShouldBeNull();
        OrderLaw.Next(OrderState.DeliveryFailed, OrderEvent.Downloaded).ShouldBeNull();
    }

    [Fact]
    public void A_client_may_confirm_inside_its_own_receive_handler_and_the_push_still_counts()
    {
        OrderLaw.Next(OrderState.Ready, OrderEvent.ReceiptSigned).ShouldBe(OrderState.ClientConfirmed);
        OrderLaw.Next(OrderState.ClientConfirmed, OrderEvent.PushSucceeded).ShouldBe(OrderState.ClientConfirmed);
        OrderLaw.Next(OrderState.Ready, OrderEvent.DisputeSigned).ShouldBe(OrderState.Disputed);
        OrderLaw.Next(OrderState.Disputed, OrderEvent.PushSucceeded).ShouldBe(OrderState.Disputed);
        OrderLaw.Next(OrderState.Delivered, OrderEvent.PushSucceeded).ShouldBe(OrderState.Delivered);
    }

    [Fact]
    public void A_reader_of_version_1_0_sees_five_words_and_the_failed_push_only_under_the_strict_option()
    {
        string[] words = ["quoted", "paid", "processing", "delivered", "delivery_failed"];
        foreach (var state in Enum.GetValues<OrderState>())
        {
            foreach (var hasContent in new[] { true, false })
            {
                foreach (var pushFailed in new[] { true, false })
                {
                    var facts = new OrderFacts(state, hasContent, ContentRemoved: false, pushFailed);
                    words.ShouldContain(OrderView.Status10(facts));
                    OrderView.Status10(facts, strict: true)
                        .ShouldBe(state == OrderState.ReadyForPickup && pushFailed ? "delivery_failed" : OrderView.Status10(facts));
                }
            }
        }
        OrderView.Status10(new OrderFacts(OrderState.Disputed)).ShouldBe("delivery_failed");
    }

    [Fact]
    public void Removed_content_is_gone_and_content_that_never_was_has_failed()
    {
        OrderView.Download(new OrderFacts(OrderState.ClientConfirmed, ContentRemoved: true)).ShouldBe(DownloadAnswer.Gone);
        OrderView.Download(new OrderFacts(OrderState.Disputed, ContentRemoved: true)).ShouldBe(DownloadAnswer.Gone);
        OrderView.Download(new OrderFacts(OrderState.Disputed)).ShouldBe(DownloadAnswer.Failed);
        OrderView.ExpiredReason(OrderState.ExpiredRetention).ShouldBe("delivery_retention_elapsed");
        OrderView.ExpiredReason(OrderState.Posted).ShouldBeNull();
    }

    private static IEnumerable<string> Sources(OrderTransition row) => row.From.Count == 0 ? ["[*]"] : row.From.Select(OrderLaw.Name);

    private static string Name(OrderEvent happened) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.ToString());

    private static List<string[]> Section(string heading) =>
        [.. Page.Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal)).Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))];

    [GeneratedRegex(@"^ {4}(\S+ --> \S+ : \S+ \S+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
