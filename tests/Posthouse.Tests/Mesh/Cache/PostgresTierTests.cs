using Posthouse.Cli.Hosting;
using Posthouse.Cli.Prices;
using Posthouse.Jobs;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Postgres;
using Posthouse.Tests.Postgres;

namespace Posthouse.Tests.Mesh.Cache;

/// <summary>The contract of tiers, kept by the database of a station.</summary>
public sealed class PostgresTierTests : PriceTierContract
{
    private readonly string _schema = PostgresServer.NewSchema();
    private readonly SignedPrices _provider = new(1);

    public override async ValueTask InitializeAsync()
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = PostgresServer.One.ConnectionString,
            Schema = _schema,
            Parts = [PostgresPriceTier.Schema],
            Time = TimeProvider.System,
            Ids = SystemIds.Instance,
        };
        await PostgresJobStore.Open(options, new JobRegistry()).DisposeAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task Two_meshes_in_one_database_do_not_see_each_other()
    {
        var elsewhere = NetworkId.Of("elsewhere");
        await using var here = Open(SignedPrices.Check());
        await using var there = new PostgresPriceTier(PostgresServer.One.ConnectionString, _schema, elsewhere, SignedPrices.Check(elsewhere));
        await here.WriteAsync(_provider.Prices(1, "BTC"), default);
        (await there.LoadAsync(default)).ShouldBeEmpty();
        (await there.WriteAsync([], default)).ShouldBeTrue("it has nothing yet");
    }

    [Fact]
    public async Task A_tier_that_lost_everything_says_so_and_what_is_seven_days_old_goes()
    {
        await using var tier = Open(SignedPrices.Check());
        await tier.WriteAsync(_provider.Prices(1, "BTC"), default);
        await PostgresServer.One.AskAsync($"UPDATE {_schema}.shared_price SET written_at = now() - interval '7 days 1 minute'");
        (await tier.WriteAsync(_provider.Prices(2, "ETH"), default)).ShouldBeFalse();
        (await tier.LoadAsync(default)).ShouldHaveSingleItem();

        await PostgresServer.One.AskAsync($"TRUNCATE {_schema}.shared_price, {_schema}.shared_price_update");
        (await tier.WriteAsync([], default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_version_that_somebody_made_up_keeps_no_true_price_out()
    {
        await using var tier = Open(SignedPrices.Check());
        var update = _provider.Update(1, "BTC");
        await tier.WriteAsync([.. KeptPrice.Of(update)], default);
        foreach (var made in (string[])[new string('f', 72), "", "09"])
        {
            await PostgresServer.One.AskAsync($"UPDATE {_schema}.shared_price SET version = decode('{made}', 'hex')");
            (await tier.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
            await tier.WriteAsync([.. KeptPrice.Of(update)], default);
            (await tier.ReadAsync(SignedPrices.Btc, default)).ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void It_is_chosen_by_configuration_and_wants_a_database()
    {
        string[] mesh = ["Mesh:Enabled=true", "Mesh:Trust=open", "Mesh:Postgres=true"];
        Refused(mesh).ShouldContain("Store:Postgres:Connection");
        Refused([.. mesh, "Store:Postgres:Connection=Host=db", "Mesh:Redis:Endpoint=redis:6379"]).ShouldContain("Mesh:Redis:Endpoint");
        var services = new Microsoft.Extensions.DependencyInjection.ServiceCollection();
        ServeMesh.Add(services, Of([.. mesh, "Store:Postgres:Connection=Host=db"]), "data");
        var factory = (IPriceTierFactory)services.Single(service => service.ServiceType == typeof(IPriceTierFactory)).ImplementationInstance!;
        var tier = factory.Open(SignedPrices.Network, SignedPrices.Check(), TimeProvider.System);
        (tier.Name, tier.Origin).ShouldBe(("postgres", PriceOrigin.Postgres));

        static Configuration Of(string[] sets) => Configuration.From(ConfigurationLayer.FromOptions(sets));
        static string Refused(string[] sets)
        {
            var failure = Should.Throw<PosthouseException>(() => ServeMesh.Add(new Microsoft.Extensions.DependencyInjection.ServiceCollection(), Of(sets), "data"));
            failure.Code.ShouldBe(ErrorCodes.OptionsInvalid);
            return failure.Message;
        }
    }

    internal override IPriceTier Open(StoredCheck check) => new PostgresPriceTier(PostgresServer.One.ConnectionString, _schema, SignedPrices.Network, check);

    internal override async Task TamperAsync(SignedFrame frame, Action<byte[]> change)
    {
        var bytes = (byte[])(await PostgresServer.One.AskAsync($"SELECT signed FROM {_schema}.shared_price_update"))!;
        change(bytes);
        await PostgresServer.One.AskAsync($"UPDATE {_schema}.shared_price_update SET signed = decode('{Convert.ToHexString(bytes)}', 'hex')");
    }

    internal override async Task<int> CountMessagesAsync() => (int)(long)(await PostgresServer.One.AskAsync($"SELECT count(*) FROM {_schema}.shared_price_update"))!;
}
