using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Cli.Output;
using Posthouse.Connectivity;
using Posthouse.Mesh.Hosting;

namespace Posthouse.Cli.Hosting;

/// <summary>What verbs of the price mesh stand on: the server whose node they ask, over its HTTP routes like everybody else.</summary>
internal sealed class MeshSite : IDisposable
{
    /// <summary>A node answers from memory.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    /// <summary>The server's address; otherwise the server of the data folder is asked.</summary>
    public static readonly Option<string?> Server = new("--server") { Description = "The server to ask; otherwise the one that runs on the data folder", HelpName = "URL", Recursive = true };

    /// <summary>The server's folder.</summary>
    public static readonly Option<string?> Data = new("--data") { Description = "The server's folder; otherwise the configured DataDirectory", HelpName = "DIR", Recursive = true };

    /// <summary>Another machine's operator's token.</summary>
    public static readonly Option<string?> TokenFile = new("--token-file")
    {
        Description = "The file with the operator's token, readable by you alone, where --server names a server of another folder",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create(connectTimeout: TimeSpan.FromSeconds(5)));
    private readonly HttpExchange _exchange;
    private readonly string _folder;
    private readonly string? _tokenFile;

    private MeshSite(ParseResult parsed, TimeProvider time)
    {
        var configuration = CommandLine.Configuration(parsed);
        _folder = Path.GetFullPath(parsed.GetValue(Data) ?? configuration.Required(ConfigurationKeys.DataDirectory));
        _tokenFile = parsed.GetValue(TokenFile);
        _exchange = new HttpExchange(_invoker, time);
        (Json, Output, Error, Time) = (parsed.GetValue(CommandLine.Json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, time);
        Address = parsed.GetValue(Server) is { } given ? Given(given) : Running();
    }

    /// <summary>The server.</summary>
    public Uri Address { get; }

    public bool Json { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public TimeProvider Time { get; }

    public Terminal Terminal { get; } = Terminal.OfProcess();

    /// <summary>The connections that a WebSocket is opened over.</summary>
    public HttpMessageInvoker Invoker => _invoker;

    /// <summary>Finds the server.</summary>
    /// <exception cref="PosthouseException">MESH_UNREACHABLE: none runs on the data folder; OPTIONS_INVALID: the address is none.</exception>
    public static MeshSite Of(ParseResult parsed, TimeProvider time) => new(parsed, time);

    /// <summary>Writes the verb's document, where a program reads.</summary>
    /// <param name="parsed">The verb.</param>
    /// <param name="status">What became of it, in one word.</param>
    /// <param name="data">Writes the data.</param>
    /// <param name="code">The verb's exit code.</param>
    /// <param name="error">Why it failed, or null.</param>
    /// <returns>The exit code.</returns>
    public static int Document(ParseResult parsed, string status, Action<Utf8JsonWriter> data, int code = ExitCodes.Done, EnvelopeError? error = null)
    {
        parsed.InvocationConfiguration.Output.WriteLine(new Envelope(CommandLine.Verb(parsed), status, code) { Data = data, Error = error }.Text());
        return code;
    }

    /// <summary>Reads what a route answers.</summary>
    /// <exception cref="PosthouseException">It could not be asked, or it refused; the code is the server's.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Get, path, cancellationToken);
        return answer.RootElement.GetProperty("data").Deserialize(type) ?? throw Strange(path);
    }

    /// <summary>Reads what a route answers, as it is.</summary>
    /// <exception cref="PosthouseException">It could not be asked, or it refused; the code is the server's.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Get, path, cancellationToken);
        return answer.RootElement.GetProperty("data").Clone();
    }

    /// <summary>Has the node change something, with its operator's token.</summary>
    /// <exception cref="PosthouseException">It could not be asked, or it refused; the code is the server's.</exception>
    public async Task<JsonElement> PostAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (token, file) = await TokenAsync(cancellationToken);
        try
        {
            using var answer = await AskAsync(HttpMethod.Post, path, cancellationToken, body, [new("Authorization", "Bearer " + token)]);
            return answer.RootElement.GetProperty("data").Clone();
        }
        catch (PosthouseException refused) when (refused.Code == MeshErrors.TokenMissing)
        {
            throw new PosthouseException(MeshErrors.TokenMissing, $"The token in {file} is not the one of the operator of {Address}. Give the right one with --token-file FILE; 'posthouse serve' says there where it is.", refused);
        }
    }

    public void Dispose() => _invoker.Dispose();

    private async Task<JsonDocument> AskAsync(
        HttpMethod method, string path, CancellationToken cancellationToken, ReadOnlyMemory<byte> body = default, IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        ExchangeResponse answer;
        try
        {
            answer = await _exchange.SendAsync(
                new ExchangeRequest(method, new Uri(Address, path)) { Body = body, Headers = headers ?? [], Timeout = _limit, MaxResponseBytes = 16 << 20 }, cancellationToken);
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutException)
        {
            throw new PosthouseException(MeshErrors.Unreachable, $"The server at {Address} does not answer: {failure.Message.TrimEnd('.')}. Is it running?", failure);
        }

        try
        {
            var read = JsonDocument.Parse(answer.Body);
            if (answer.IsSuccess) { return read; }

            using (read)
            {
                throw new PosthouseException(read.RootElement.GetProperty("code").GetString() ?? MeshErrors.Refused, read.RootElement.GetProperty("error").GetString() ?? "The server refused.");
            }
        }
        catch (Exception strange) when (strange is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw answer.StatusCode == 404
                ? new PosthouseException(MeshErrors.NoMesh, $"The server at {Address} is no node of a price mesh. Start it with --set Mesh:Enabled=true, or with --dev.")
                : Strange(path);
        }
    }

    /// <summary>The token goes to the server that it belongs to and, like a vendor's key beside it, over no network in clear text.</summary>
    private async Task<(string Token, string File)> TokenAsync(CancellationToken cancellationToken)
    {
        if (_tokenFile is not null)
        {
            return Address.Scheme == Uri.UriSchemeHttps || Address.IsLoopback ? (SecretFile.Read(_tokenFile), _tokenFile) : throw new PosthouseException(
                MeshErrors.Insecure, $"{Address} is asked in clear text, and the token would be readable on the way. Name the server with https://, or run this where it runs.");
        }

        if (RunningServer.Find(_folder) is not { } server || new Uri(server.Url).Authority != Address.Authority)
        {
            throw new PosthouseException(MeshErrors.TokenMissing, $"{Address} is not the server that runs on {_folder}. Name its folder with --data DIR, or give its operator's token with --token-file FILE.");
        }

        var own = server.TokenFile ?? Path.Combine(_folder, ServeMesh.Folder, OperatorToken.FileName);
        if (File.Exists(own)) { return (SecretFile.Read(own), own); }

        // Of a server that is no node that is said, and not that its token is missing.
        using (await AskAsync(HttpMethod.Get, "/api/mesh/provider/status", cancellationToken)) { }

        throw new PosthouseException(
            MeshErrors.TokenMissing, $"The operator's token is needed and not in {own}. Give it with --token-file FILE.");
    }

    private PosthouseException Strange(string path) => new(MeshErrors.Refused, $"The server at {Address} answers {path} with something that no node does. Is it Posthouse?");

    private Uri Running() => RunningServer.Find(_folder) is { } server ? new Uri(server.Url) : throw new PosthouseException(MeshErrors.Unreachable,
        $"No server runs on {_folder}. Start one there with 'posthouse serve --dev', or with 'posthouse serve --set Mesh:Enabled=true', or name one with --server URL.");

    private static Uri Given(string written) => Uri.TryCreate(written.Contains("://", StringComparison.Ordinal) ? written : "http://" + written, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        ? uri
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--server: '{written}' is no address; write http://host:port.");
}

/// <summary>Codes of what goes wrong between a verb and a node, and of the node's own those that decide an exit code.</summary>
internal static class MeshErrors
{
    public const string Unreachable = "MESH_UNREACHABLE";
    public const string Refused = "MESH_REFUSED";
    public const string NoMesh = "MESH_NOT_ENABLED";
    public const string TokenMissing = "OPERATOR_TOKEN_REQUIRED";
    public const string Insecure = "PROVIDER_API_KEY_INSECURE";
    public const string KeyInvalid = "PROVIDER_API_KEY_INVALID";
    public const string NoPrice = "CACHE_MISS";
}
