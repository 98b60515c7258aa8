using System.CommandLine;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>What a seller's verb stands on: the station's own store, with or without a server running on it.</summary>
internal sealed class StationSite : IAsyncDisposable
{
    /// <summary>Shorter beginnings of ids are refused: they say too little about what the person means.</summary>
    private const int ShortestPrefix = 8;

    private readonly StorePlace _place;
    private readonly TimeProvider _time;
    private readonly Lazy<SqlJobStore> _store;
    private readonly TextWriter _output;
    private readonly bool _json;

    private StationSite(ParseResult parsed, Option<string?> data, TimeProvider time)
    {
        Configuration = CommandLine.Configuration(parsed);
        _json = parsed.GetValue(CommandLine.Json);
        _output = parsed.InvocationConfiguration.Output;
        var given = parsed.GetValue(data);
        var station = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Configuration.Required(ConfigurationKeys.DataDirectory)));
        var folder = given is null ? station : Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
        _time = time;
        _place = new StorePlace(given is null ? StoreKind.Station : StoreKind.Given, folder) { Server = StoreMark.OfVerb(Configuration, folder, folder == station) };
        using (var look = _place.Look(time))
        {
            if (look is null) { throw new PosthouseException(ErrorCodes.StoreUnavailable, $"There is no store at {_place.Shown}. Name the server's folder with --data DIR."); }
        }

        _store = new Lazy<SqlJobStore>(() => _place.Open(QueueSettings.Limits(Configuration), [OrderRows.Schema], time, watch: null, PushDelivery.Registry()));
    }

    public Configuration Configuration { get; }

    /// <summary>The orders, for a change: the first question opens the store, and makes a seller's tables where there are none.</summary>
    public OrderBook Book => new(_store.Value);

    public Terminal Terminal { get; } = Terminal.OfProcess();

    public static Option<string?> DataOption() => new("--data")
    {
        Description = "The server's folder; otherwise the configured DataDirectory",
        HelpName = "DIR",
    };

    public static StationSite Of(ParseResult parsed, Option<string?> data, TimeProvider time) => new(parsed, data, time);

    /// <summary>Reads without opening the store for a change; null where it was never a seller's.</summary>
    public T? Look<T>(Func<IRead, T> read)
        where T : class
    {
        using var reader = _place.Look(_time);
        return reader?.Read(one => one.Scalar("SELECT COUNT(*) FROM schema_part WHERE name = $1", OrderRows.Schema.Name) > 0 ? read(one) : null);
    }

    /// <summary>The one order whose id begins so.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: too short; ORDER_NOT_FOUND: none, or several.</exception>
    public async Task<Order> FindAsync(string prefix)
    {
        if (prefix.Length < ShortestPrefix)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{prefix}' is too short: give at least {ShortestPrefix} characters of the order's id.");
        }

        var found = await Book.ReadAsync(read => OrderRows.WithPrefix(read, prefix));
        return found.Count switch
        {
            1 => found[0],
            0 => throw new PosthouseException(Posthouse.Ivxp.Protocol.IvxpErrors.OrderNotFound, $"No order here begins with '{prefix}'."),
            _ => throw new PosthouseException(Posthouse.Ivxp.Protocol.IvxpErrors.OrderNotFound, $"Several orders begin with '{prefix}'; give more of its id."),
        };
    }

    /// <summary>Says how a verb went: the store and some lines, or one JSON object.</summary>
    public void Answer(IEnumerable<string> lines, Action<System.Text.Json.Utf8JsonWriter> members)
    {
        if (_json)
        {
            _output.WriteLine(JobJson.Object(_place, exists: true, members));
            return;
        }

        foreach (var line in lines.Prepend(_place.Title)) { _output.WriteLine(TextTable.Clean(line, Terminal.Unicode)); }
    }

    public ValueTask DisposeAsync() => _store.IsValueCreated ? _store.Value.DisposeAsync() : default;
}
