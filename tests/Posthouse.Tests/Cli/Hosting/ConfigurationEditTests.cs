using Posthouse.Cli.Hosting;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class ConfigurationEditTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string UserFile => _folder.File(Path.Combine("own", "config.json"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_missing_is_made_for_its_user_alone()
    {
        ConfigurationEdit.Set(UserFile, isProject: false, "ivxp:push:timeout", "00:00:10").ShouldBe(new Setting("Ivxp:Push:Timeout", "00:00:10", UserFile + ":2"));

        File.ReadAllText(UserFile).ShouldBe("{\n  \"Ivxp\": { \"Push\": { \"Timeout\": \"00:00:10\" } }\n}\n");
        if (!OperatingSystem.IsWindows()) { File.GetUnixFileMode(UserFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        Directory.GetFileSystemEntries(Path.GetDirectoryName(UserFile)!).ShouldBe([UserFile]);
    }

    [Theory]
    [InlineData("Queue:Concurrency", "007", "{ \"Queue\": { \"Concurrency\": 7 } }")]
    [InlineData("Ivxp:StrictV10", "TRUE", "{ \"Ivxp\": { \"StrictV10\": true } }")]
    [InlineData("Ivxp:Services:0:PriceUsdc", ".5", "{ \"Ivxp\": { \"Services\": [{ \"PriceUsdc\": 0.5 }] } }")]
    [InlineData("Ivxp:ProviderName", "Zoë \"Z\" 🕊", "{ \"Ivxp\": { \"ProviderName\": \"Zoë \\\"Z\\\" 🕊\" } }")]
    [InlineData("Ivxp:Push:Delays", "", "{ \"Ivxp\": { \"Push\": { \"Delays\": [] } } }")]
    public void A_value_stands_in_the_file_as_its_form_asks(string key, string value, string json)
    {
        ConfigurationEdit.Set(UserFile, isProject: false, key, value);

        ConfigurationFile.Read(UserFile, isProject: false).Select(given => (given.Name, given.Value)).ShouldBe(ConfigurationTests.File(json).Select(given => (given.Name, given.Value)));
    }

    [Theory]
    [InlineData("Queue:Concurency", "3", false, "config set: there is no key Queue:Concurency; did you mean Queue:Concurrency?")]
    [InlineData("Queue:Concurrency", "many", false, "Queue:Concurrency is 'many', expected a whole number from 1")]
    [InlineData("Ivxp:Push:Delays", "1", false, "is a list; give its items one by one")]
    [InlineData("Ivxp:Push:Delays:3", "00:00:01", false, "Ivxp:Push:Delays has 1 item(s); the next is Ivxp:Push:Delays:1")]
    [InlineData("Ivxp:Services:4:Type", "foo", false, "Ivxp:Services has no items; the first is Ivxp:Services:0")]
    [InlineData("Ivxp:RpcUrl", "http://a", true, "a project's file may not set Ivxp:RpcUrl")]
    [InlineData("Ivxp:Services", "", true, "a project's file may not set Ivxp:Services")]
    [InlineData("Locks:FencePush", "false", true, "a project's file may not set Locks:FencePush")]
    [InlineData("Locks:RequireLatest", "false", true, "a project's file may not set Locks:RequireLatest")]
    [InlineData("Locks:ClockSkewTolerance", "00:00:00", true, "a project's file may not set Locks:ClockSkewTolerance")]
    [InlineData("Locks:TakeoverGrace", "00:00:00", true, "a project's file may not set Locks:TakeoverGrace")]
    public void What_cannot_be_set_is_refused_before_anything_is_written(string key, string value, bool isProject, string message)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(UserFile)!);
        File.WriteAllText(UserFile, """{ "Ivxp": { "Push": { "Delays": ["00:00:01"] } } } // mine""");
        var before = File.GetLastWriteTimeUtc(UserFile);

        var refusal = Should.Throw<PosthouseException>(() => ConfigurationEdit.Set(UserFile, isProject, key, value));

        refusal.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        refusal.Message.ShouldContain(message);
        File.GetLastWriteTimeUtc(UserFile).ShouldBe(before);
    }

    [Theory]
    [InlineData("{ \"A\": }", "config.json:1 is not valid JSON")]
    [InlineData("[]", "must hold one object")]
    [InlineData("""{ "Queue": { "MaxOpenJobs": 1 }, "Queue:Concurrency": 2 }""", "Queue:Concurrency is given twice")]
    public void A_file_that_cannot_be_edited_stays_as_it_is(string json, string message)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(UserFile)!);
        File.WriteAllText(UserFile, json);

        Should.Throw<PosthouseException>(() => ConfigurationEdit.Set(UserFile, isProject: false, "Queue:Concurrency", "3")).Message.ShouldContain(message);
        File.ReadAllText(UserFile).ShouldBe(json);
    }

    [Fact]
    public void A_link_stays_a_link_and_a_mode_stays_that_mode()
    {
        if (OperatingSystem.IsWindows()) { return; }

        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        var real = _folder.File("real.json");
        File.WriteAllText(real, "{}");
        File.SetUnixFileMode(real, Shared);
        Directory.CreateDirectory(Path.GetDirectoryName(UserFile)!);
        File.CreateSymbolicLink(UserFile, real);

        ConfigurationEdit.Set(UserFile, isProject: false, "Queue:Concurrency", "3");

        File.ResolveLinkTarget(UserFile, returnFinalTarget: true)!.FullName.ShouldBe(real);
        File.ReadAllText(real).ShouldContain("\"Concurrency\": 3");
        File.GetUnixFileMode(real).ShouldBe(Shared);
    }
}
