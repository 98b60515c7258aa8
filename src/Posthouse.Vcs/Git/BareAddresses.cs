using System.Text;

namespace Posthouse.Vcs.Git;

/// <summary>
/// Takes the credentials out of remotes' addresses before a run. Git hands an address on to its transport as an argument, whichever way
/// it was named, and arguments can be read by every user of the machine. So the address is rewritten to one without them, and they
/// go in the environment, as a header for that address alone.
/// </summary>
internal sealed class BareAddresses
{
    /// <summary>What of a clone's configuration this reads, as a part of a pattern for <c>git config --get-regexp</c>.</summary>
    public const string Keys = @"remote\..*\.(url|pushurl)|url\..*\.(insteadof|pushinsteadof)";

    private readonly List<(string Key, string Value)> _settings = [];
    private readonly HashSet<string> _signed = new(StringComparer.Ordinal);

    private BareAddresses(IReadOnlyList<string> words) => Words = words;

    /// <summary>The words of the run, without credentials.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Makes a run bare.</summary>
    /// <param name="words">Its words.</param>
    /// <param name="configuration">Keys and values, as Git lists them.</param>
    public static BareAddresses Of(IReadOnlyList<string> words, IReadOnlyList<(string Key, string Value)> configuration)
    {
        var bare = new BareAddresses([.. words.Select(word => Split(word)?.Bare ?? word)]);
        foreach (var word in words) { bare.Sign(word); }
        foreach (var rule in (string[])["insteadof", "pushinsteadof"])
        {
            foreach (var (_, written) in configuration.Where(one => one.Key.StartsWith("remote.", StringComparison.Ordinal)))
            {
                var address = Rewritten(written, rule, configuration);
                if (Split(address) is not { } parts)
                    continue;
                bare.Sign(address);
                // The longest rule wins, and nothing is longer than all of it.
                bare._settings.Add(($"url.{parts.Bare}.{rule}", written));
                bare._settings.Add(($"url.{parts.Bare}.{rule}", parts.Bare));
            }
        }

        return bare;
    }

    /// <summary>Puts what was taken out into the environment, behind what is configured there already.</summary>
    public void Apply(IDictionary<string, string?> variables)
    {
        var count = int.TryParse(variables.TryGetValue("GIT_CONFIG_COUNT", out var own) ? own : Environment.GetEnvironmentVariable("GIT_CONFIG_COUNT"), out var there) ? there : 0;
        foreach (var (key, value) in _settings)
        {
            variables[$"GIT_CONFIG_KEY_{count}"] = key;
            variables[$"GIT_CONFIG_VALUE_{count++}"] = value;
        }

        if (_settings.Count > 0)
            variables["GIT_CONFIG_COUNT"] = count.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Signs requests to an address with its own credentials; the first that speak for it count.</summary>
    private void Sign(string address)
    {
        if (Split(address) is not { } parts || !_signed.Add(parts.Bare))
            return;
        var name = Uri.UnescapeDataString(parts.UserInfo);
        _settings.Add(name.Contains(':', StringComparison.Ordinal)
            ? ($"http.{parts.Bare}.extraHeader", "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(name)))
            : ($"credential.{parts.Bare}.username", name));
    }

    /// <summary>An address as Git rewrites it: the longest beginning that a rule names is replaced.</summary>
    private static string Rewritten(string written, string rule, IReadOnlyList<(string Key, string Value)> configuration)
    {
        var suffix = "." + rule;
        var best = configuration.Where(one => one.Key.StartsWith("url.", StringComparison.Ordinal) && one.Key.EndsWith(suffix, StringComparison.Ordinal) && written.StartsWith(one.Value, StringComparison.Ordinal))
            .OrderByDescending(one => one.Value.Length).FirstOrDefault();
        return best.Key is null ? written : best.Key["url.".Length..^suffix.Length] + written[best.Value.Length..];
    }

    /// <summary>An HTTP address and the credentials in it; null where it is none, or has none. Up to the last @ before the path, as people paste what holds one.</summary>
    private static (string Bare, string UserInfo)? Split(string address)
    {
        var begin = address.IndexOf("://", StringComparison.Ordinal) + "://".Length;
        if (!address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return null;
        var end = address.IndexOf('/', begin) is var slash && slash < 0 ? address.Length : slash;
        var at = address.LastIndexOf('@', end - 1, end - begin);
        return at < 0 ? null : (string.Concat(address.AsSpan(0, begin), address.AsSpan(at + 1)), address[begin..at]);
    }
}
