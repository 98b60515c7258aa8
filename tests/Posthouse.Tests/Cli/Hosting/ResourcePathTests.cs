using Posthouse.Cli.Hosting;
using Posthouse.Storage;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>A path is locked under the name that Git has for it, by whatever way a person came there.</summary>
public sealed class ResourcePathTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("posthouse-paths-");
    private readonly string _root;

    public ResourcePathTests()
    {
        _root = Durable.Canonical(_folder.CreateSubdirectory("song").FullName);
        Directory.CreateDirectory(Path.Combine(_root, "real"));
        File.WriteAllText(Path.Combine(_root, "real", "kick.wav"), "");
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), "real");
        File.CreateSymbolicLink(Path.Combine(_root, "take.wav"), Path.Combine("real", "kick.wav"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "samples"), _folder.CreateSubdirectory("disk").FullName);
        Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "other way"), _root);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("link/kick.wav", "real/kick.wav")]
    [InlineData("link/not there/yet.wav", "real/not there/yet.wav")]
    [InlineData("link", "real")]
    [InlineData("real/", "real")]
    [InlineData("take.wav", "take.wav")]
    [InlineData("samples/snare.wav", "samples/snare.wav")]
    [InlineData("../other way/link/kick.wav", "real/kick.wav")]
    [InlineData("../other way", ".")]
    [InlineData("nowhere.wav", "nowhere.wav")]
    public void Links_to_folders_are_followed_and_others_are_not(string given, string path) => ResourcePath.Of(_root, _root, given).Path.ShouldBe(path);

    [Theory]
    [InlineData("REAL/Kick.WAV", "real/kick.wav")]
    [InlineData("Real/not there.wav", "real/not there.wav")]
    [InlineData("Take.wav", "take.wav")]
    [InlineData("take.wave", "take.wave")]
    public void What_is_there_in_other_letters_is_called_as_it_is_there(string given, string path)
    {
        File.WriteAllText(Path.Combine(_root, "a\nb"), "");
        ResourcePath.Of(_root, _root, given).Path.ShouldBe(path);
    }

    [Fact]
    public void A_name_is_there_in_whatever_accents_it_is_spelled()
    {
        File.WriteAllText(Path.Combine(_root, "Cafe\u0301.txt"), "");
        File.WriteAllText(Path.Combine(_root, "a\\..\\b"), "");

        ResourcePath.IsThere(_root, ResourcePath.Of(_root, _root, "Cafe\u0301.txt")).ShouldBeTrue();
        ResourcePath.IsThere(_root, ResourcePath.Of(_root, _root, "CAF\u00c9.txt")).ShouldBeTrue();
        ResourcePath.IsThere(_root, ResourcePath.Of(_root, _root, "Caffe.txt")).ShouldBeFalse();
    }

    [Fact]
    public void A_colon_is_no_drive_and_a_backslash_is_refused_where_it_separates_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there it is");
        ResourcePath.Of(_root, _root, "A: Verse.wav").Path.ShouldBe("A: Verse.wav");
        ResourcePath.Of(_root, _root, "./C:/Verse.wav").Path.ShouldBe("C:/Verse.wav");
        Should.Throw<PosthouseException>(() => ResourcePath.Of(_root, _root, "a\\b.txt")).Message.ShouldContain("lock the folder that it is in");
    }

    [Theory]
    [InlineData("real", "real/kick.wav", " \"kick.wav\"")]
    [InlineData("real", "song.txt", " \"../song.txt\"")]
    [InlineData("real", "real", " \".\"")]
    [InlineData("real", ".", "")]
    [InlineData("", "-x", " \"./-x\"")]
    [InlineData("", "a b's.txt", " \"a b's.txt\"")]
    [InlineData("", "a\"b$c's.txt", " 'a\"b$c'\\''s.txt'")]
    public void What_is_advised_in_a_folder_can_be_typed_there(string folder, string path, string word)
    {
        var typed = ResourcePath.Word(_root, Path.TrimEndingDirectorySeparator(Path.Combine(_root, folder)), path);

        typed.ShouldBe(word);
        if (typed.Length > 0) { ResourcePath.Of(_root, Path.Combine(_root, folder), typed[2..^1].Replace("'\\''", "'", StringComparison.Ordinal)).Path.ShouldBe(path); }
    }

    [Fact]
    public void What_is_advised_in_a_folder_behind_a_link_is_named_in_full() =>
        ResourcePath.Word(_root, Path.Combine(_root, "link"), "song.txt").ShouldBe($" \"{Path.Combine(_root, "song.txt")}\"");

    [Theory]
    [InlineData("../disk/snare.wav")]
    [InlineData("link/../../x")]
    public void What_lies_outside_is_refused(string given) =>
        Should.Throw<PosthouseException>(() => ResourcePath.Of(_root, _root, given)).Code.ShouldBe(ErrorCodes.OptionsInvalid);
}
