using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Connectivity;

namespace Posthouse.Tests.Ivxp.Payments;

/// <summary>A node that answers each method with what the test wrote down; a method not written down is a failure of the test.</summary>
internal sealed class ScriptedNode : IExchange
{
    public Dictionary<string, Func<JsonNode?>> Results { get; } = [];

    public Dictionary<string, Func<ExchangeResponse>> Answers { get; } = [];

    public List<string> Asked { get; } = [];

    public static ExchangeResponse Response(int status, string body) =>
        new(status, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body));

    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        using var call = JsonDocument.Parse(request.Body);
        var method = call.RootElement.GetProperty("method").GetString()!;
        Asked.Add(method);
        if (Answers.TryGetValue(method, out var answer))
            return Task.FromResult(answer());
        var reply = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["result"] = Results[method]()?.DeepClone() };
        return Task.FromResult(Response(200, reply.ToJsonString()));
    }
}
