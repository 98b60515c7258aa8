using Posthouse.Mesh.Providers.Sources;
using Posthouse.Storage;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class SourceKeyTests
{
    private const string Text = "Secret-0123456789";

    [Fact]
    public void A_key_prints_as_asterisks_and_is_taken_out_of_texts_in_any_case()
    {
        var key = SourceKey.Of($"  {Text}\n");
        $"{key}".ShouldBe("***");
        key.Redact($"bad key {Text.ToUpperInvariant()}!").ShouldBe("bad key ***!");
        key.PutInto("Bearer {key}", "{key}").ShouldBe($"Bearer {Text}");
        System.Text.Json.JsonSerializer.Serialize(key).ShouldBe("{}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("two words here")]
    [InlineData("line\nbreak-inside")]
    public void What_cannot_be_a_key_is_refused_without_being_repeated(string? text)
    {
        var refused = Should.Throw<PosthouseException>(() => SourceKey.Of(text));
        refused.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        if (text is { Length: > 0 })
            refused.Message.ShouldNotContain(text);
    }

    [Fact]
    public void A_key_file_is_read_only_if_nobody_else_can()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var file = Durable.CreatePrivateFile(path))
                file.Write("Secret-0123456789\n"u8);
            SourceKey.FromFile(path).Redact(Text).ShouldBe("***");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
                Should.Throw<PosthouseException>(() => SourceKey.FromFile(path)).Message.ShouldContain("chmod 600");
            }
        }
        finally
        {
            File.Delete(path);
        }

        Should.Throw<PosthouseException>(() => SourceKey.FromFile(path)).Message.ShouldContain(path);
    }

    [Fact]
    public void A_variable_that_is_not_set_is_named()
    {
        Environment.SetEnvironmentVariable("POSTHOUSE_TEST_SOURCE_KEY", Text);
        SourceKey.FromEnvironment("POSTHOUSE_TEST_SOURCE_KEY").Redact(Text).ShouldBe("***");
        Should.Throw<PosthouseException>(() => SourceKey.FromEnvironment("POSTHOUSE_TEST_NO_KEY")).Message.ShouldContain("POSTHOUSE_TEST_NO_KEY");
    }
}
