using CsvReports;
using Posthouse;
using Posthouse.AspNetCore.Health;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;

// dotnet run --project samples/CsvReports -- --urls http://127.0.0.1:6070 --data FOLDER [--rpc NODE]
var builder = WebApplication.CreateBuilder(args);
var folder = Path.GetFullPath(builder.Configuration["data"] ?? "data/csv-reports");
var node = builder.Configuration["rpc"];
Directory.CreateDirectory(folder);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

WebApplication? app = null;
var core = builder.Services.AddPosthouse().UseSqlite(Path.Combine(folder, "posthouse.db")).AddIvxp(new IvxpOptions
{
    ProviderName = "Csv Reports",
    Wallet = KeyFile.Open(Path.Combine(folder, "wallet.key")),
    Network = UsdcNetwork.BaseSepolia,
    Services = [new ServiceOffer("csv_report", UsdcAmount.FromUnits(500_000), new CsvReport())],

    // A real provider names a node of the chain. Without one this sample plays the chain itself.
    RpcUrl = () => node is not null ? new Uri(node) : app!.Urls.FirstOrDefault() is { } own ? new Uri(new Uri(own), IvxpProtocol.Routes.DevChain) : null,

    // On one machine a buyer's endpoint is a private address; on the net leave this out.
    Push = new PushOptions { AllowPrivateEndpoints = node is null },
});
if (node is null)
    core.AddDevChain(UsdcNetwork.BaseSepolia);

app = builder.Build();
app.MapIvxp();
app.MapPosthouseHealth();
if (node is null)
    app.MapDevChain();
app.Run();
