using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Processes;

/// <summary>The real server as a provider that dies again and again, and is started anew on the same folder.</summary>
/// <param name="tracer">What it runs under, given its folder; null: nothing.</param>
internal sealed class MortalProvider(Func<string, string[]>? tracer = null) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-mortal-").FullName;
    private PosthouseProcess? _process;
    private TaskCompletionSource<Uri> _address = Unknown();

    public string Database => Path.Combine(_folder, "posthouse.db");

    public string Folder => _folder;

    /// <summary>How often it died.</summary>
    public int Deaths { get; private set; }

    /// <summary>Where it serves; while it is dead, where it will.</summary>
    public Task<Uri> AddressAsync() => Volatile.Read(ref _address).Task;

    /// <summary>Starts it, and waits until it serves.</summary>
    public async Task StartAsync()
    {
        Start(null);
        Announce(await _process!.LineAsync());
    }

    /// <summary>Starts it to die at a crash point, and waits until it has.</summary>
    public async Task DieAtAsync(string crashAt)
    {
        Start(crashAt);
        try
        {
            Announce(await _process!.LineAsync());
        }
        catch (InvalidOperationException)
        {
            // It died before it served.
        }

        (await _process!.ExitAsync()).ShouldBe(PosthouseProcess.Killed, $"it did not die at point {crashAt}");
        Bury();
    }

    /// <summary>Kills it, whatever it is doing.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        (await _process.ExitAsync()).ShouldBe(PosthouseProcess.Killed);
        Bury();
    }

    /// <summary>Asks it to end, as a supervisor does.</summary>
    public async Task EndAsync()
    {
        _process!.AskToEnd();
        (await _process.ExitAsync()).ShouldBe(0);
    }

    public void Dispose()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TaskCompletionSource<Uri> Unknown() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A push that does not arrive at once is tried again within the test's time.
    private void Start(string? crashAt) => _process = PosthouseProcess.StartUnder(tracer?.Invoke(_folder) ?? [], crashAt,
    [
        "serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", _folder,
        .. Enumerable.Range(0, 6).SelectMany(index => new[] { "--set", $"Ivxp:Push:Delays:{index}=00:00:0{Math.Min(index, 1)}" }),
    ]);

    private void Announce(string line) => _address.SetResult(new Uri(line["Serving ".Length..]));

    private void Bury()
    {
        Deaths++;
        _process!.Dispose();
        _process = null;
        if (_address.Task.IsCompleted)
            Volatile.Write(ref _address, Unknown());
    }
}
