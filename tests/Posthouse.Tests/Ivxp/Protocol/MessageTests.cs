using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp.Protocol;

/// <summary>Messages against the golden vectors and the schemas of <c>spec/ivxp</c>.</summary>
public sealed class MessageTests
{
    private static readonly Dictionary<string, JsonTypeInfo> Messages = new()
    {
        ["service-catalog"] = IvxpJson.Wire.ServiceCatalog,
        ["service-request"] = IvxpJson.Wire.ServiceRequest,
        ["service-quote"] = IvxpJson.Wire.ServiceQuote,
        ["delivery-request"] = IvxpJson.Wire.DeliveryRequest,
        ["delivery-accepted"] = IvxpJson.Wire.DeliveryAccepted,
        ["order-status"] = IvxpJson.Wire.OrderStatus,
        ["service-delivery"] = IvxpJson.Wire.ServiceDelivery,
        ["deliverable-not-ready"] = IvxpJson.Wire.DeliverableNotReady,
        ["delivery-confirmation"] = IvxpJson.Wire.DeliveryConfirmation,
        ["confirmation-accepted"] = IvxpJson.Wire.ConfirmationAccepted,
        ["inbox-page"] = IvxpJson.Wire.InboxPage,
        ["reputation"] = IvxpJson.Wire.Reputation,
        ["receipt-bundle"] = IvxpJson.Wire.ReceiptBundle,
        ["error"] = IvxpJson.Wire.ErrorBody,
    };

    public static TheoryData<string> Names => [.. Messages.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_vector_comes_back_byte_for_byte(string name)
    {
        var vectors = Tree.Read(path => path.StartsWith($"spec/ivxp/vectors/messages/{name}.", StringComparison.Ordinal)).ToList();
        vectors.ShouldNotBeEmpty();
        foreach (var vector in vectors)
        {
            var text = vector.Text.TrimEnd('\n');
            var message = JsonSerializer.Deserialize(text, Messages[name]);
            Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(message, Messages[name])).ShouldBe(text, vector.Path);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_and_code_name_the_same_members_and_demand_the_same(string name)
    {
        using var schema = JsonDocument.Parse(Tree.Read($"spec/ivxp/schemas/{name}.schema.json").Text);
        Compare(schema.RootElement, Messages[name], name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Unknown_members_are_ignored_a_member_given_twice_or_missing_is_refused(string name)
    {
        var text = Tree.Read($"spec/ivxp/vectors/messages/{name}.json").Text.Trim();
        JsonSerializer.Deserialize("{\"x_unknown\":{\"a\":[1]}," + text[1..], Messages[name]).ShouldNotBeNull();
        using var document = JsonDocument.Parse(text);
        var first = document.RootElement.EnumerateObject().First();
        var member = $"\"{first.Name}\":{first.Value.GetRawText()}";
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize($"{{{member}," + text[1..], Messages[name]));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize("{" + text[(member.Length + 2)..], Messages[name]));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(text.Replace(member, $"\"{first.Name}\":null", StringComparison.Ordinal), Messages[name]));
    }

    [Fact]
    public void Money_is_a_number_and_a_budget_may_carry_the_dust_of_floating_point()
    {
        var text = Tree.Read("spec/ivxp/vectors/messages/service-request.minimal.json").Text;
        JsonSerializer.Deserialize(text.Replace(":5}", ":5.0000000001}", StringComparison.Ordinal), IvxpJson.Wire.ServiceRequest)!
            .Request.BudgetUsdc.ShouldBe(UsdcAmount.FromUnits(5_000_000));
        foreach (var bad in new[] { "\"5\"", "-5", "1e400", "null", "true", "[5]" })
            Should.Throw<JsonException>(() => JsonSerializer.Deserialize(text.Replace(":5}", $":{bad}}}", StringComparison.Ordinal), IvxpJson.Wire.ServiceRequest));
        var quote = Tree.Read("spec/ivxp/vectors/messages/service-quote.json").Text;
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(quote.Replace(":50,", ":50.0000001,", StringComparison.Ordinal), IvxpJson.Wire.ServiceQuote));
    }

    [Fact]
    public void Text_that_is_no_Unicode_is_a_malformed_message_and_not_a_crash()
    {
        var text = Tree.Read("spec/ivxp/vectors/messages/service-request.minimal.json").Text.Replace("hello", "\\ud800", StringComparison.Ordinal);
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(text, IvxpJson.Wire.ServiceRequest));
    }

    [Fact]
    public void A_content_keeps_its_canonical_bytes_through_a_message()
    {
        var content = JsonContent.Parse(Encoding.UTF8.GetBytes("""{"b": 1.0, "2": "\ud800", "1": "\ud83d\ude80\u2028"}"""));
        content.ToString().ShouldBe("{\"1\":\"🚀\u2028\",\"2\":\"\\ud800\",\"b\":1}");
        var message = JsonSerializer.Deserialize(Tree.Read("spec/ivxp/vectors/messages/service-delivery.minimal.json").Text, IvxpJson.Wire.ServiceDelivery)!;
        message = message with { Deliverable = message.Deliverable with { Content = content } };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, IvxpJson.Wire.ServiceDelivery);
        Encoding.UTF8.GetString(bytes).ShouldContain(content.ToString());
        var read = JsonSerializer.Deserialize(bytes, IvxpJson.Wire.ServiceDelivery)!;
        read.Deliverable.Content.ShouldBe(content);
        read.Deliverable.Content.Hash().ShouldBe(content.Hash());
    }

    [Fact]
    public void An_error_tells_programs_its_reason()
    {
        var body = ErrorBody.With(IvxpErrors.PaymentNotVerified, "Not yet.", "pending");
        JsonSerializer.Serialize(body, IvxpJson.Wire.ErrorBody).ShouldBe("""{"error":"PAYMENT_NOT_VERIFIED","message":"Not yet.","details":{"reason":"pending"}}""");
        JsonSerializer.Serialize(ErrorBody.With("X", "Y"), IvxpJson.Wire.ErrorBody).ShouldBe("""{"error":"X","message":"Y"}""");
    }

    private static void Compare(JsonElement schema, JsonTypeInfo type, string at)
    {
        var members = schema.GetProperty("properties").EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        members.Keys.Order().ShouldBe(type.Properties.Select(member => member.Name).Order(), at);
        schema.GetProperty("required").EnumerateArray().Select(member => member.GetString()!).Order()
            .ShouldBe(type.Properties.Where(member => member.IsRequired).Select(member => member.Name).Order(), at);
        foreach (var property in type.Properties)
        {
            var inner = members[property.Name];
            var innerType = IvxpJson.Wire.GetTypeInfo(property.PropertyType)!;
            if (inner.TryGetProperty("items", out var items))
                (inner, innerType) = (items, IvxpJson.Wire.GetTypeInfo(innerType.ElementType!)!);
            if (inner.TryGetProperty("properties", out _))
                Compare(inner, innerType, $"{at}.{property.Name}");
        }
    }
}
