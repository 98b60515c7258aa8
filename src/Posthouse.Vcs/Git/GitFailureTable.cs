namespace Posthouse.Vcs.Git;

/// <summary>A line of text, whole, with <c>*</c> for any characters and <c>?</c> for one; letter case does not count.</summary>
/// <param name="Pattern">The line.</param>
/// <param name="Category">What it means.</param>
/// <param name="WhenWriting">What it means where the far side may have changed, if something else.</param>
/// <param name="Hint">What the person may do.</param>
/// <param name="Code">A finer code than the category's.</param>
/// <param name="LooksAtText">Whether the far side's lines are asked first.</param>
internal sealed record TextRow(string Pattern, FailureCategory Category, FailureCategory? WhenWriting = null, string? Hint = null, string? Code = null, bool LooksAtText = false);

/// <summary>HTTP statuses that mean one thing.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last.</param>
/// <param name="Category">What they mean.</param>
/// <param name="Meaning">The same in words.</param>
/// <param name="Hint">What the person may do.</param>
internal sealed record StatusRow(int From, int To, FailureCategory Category, string Meaning, string? Hint = null);

/// <summary>The one table of failures of Git. In each part the first row that fits decides. Texts are those of Git 2.39, curl 7.88 and OpenSSH 9.2, and their neighbours.</summary>
internal static class GitFailureTable
{
    private const string SignIn = "Sign in with 'posthouse auth login', or set up Git's credential helper or ssh key for this remote.";
    private const string Missing = "Check the address with 'git remote -v'; a private repository also answers so when you are not signed in.";
    private const string Rules = "The remote's rules forbid it; its owner can change them.";
    private const string Trust = "Nothing was sent. Check the address, the machine's clock and the certificates it trusts.";
    private const string PullFirst = "Run 'posthouse pull' first.";
    private const string AddRemote = "Add one with 'posthouse remote add NAME ADDRESS'.";
    private const string OtherGit = "Another Git works in this clone at this moment; if none does, remove the file that it names.";
    private const string Fsck = "Run 'git fsck' in this clone.";

    /// <summary>429, and 403 that says it is a limit.</summary>
    public static StatusRow RateLimited { get; } = new(429, 429, FailureCategory.RateLimit, "too many requests");

    /// <summary>Answers by their HTTP status.</summary>
    public static IReadOnlyList<StatusRow> Statuses { get; } =
    [
        new(401, 401, FailureCategory.Auth, "credentials are missing or wrong", SignIn),
        new(402, 402, FailureCategory.Forbidden, "a payment or a quota is due", Rules),
        new(403, 403, FailureCategory.Forbidden, "you may not do this", Rules),
        new(404, 404, FailureCategory.NotFound, "there is no such repository", Missing),
        new(407, 407, FailureCategory.Auth, "the proxy wants credentials", "Set http.proxy with credentials that the proxy takes."),
        new(408, 408, FailureCategory.Server, "it waited too long for the request"),
        new(413, 413, FailureCategory.Forbidden, "the request is larger than it takes", "Push in smaller steps, or ask its owner for a higher limit."),
        new(423, 423, FailureCategory.Contention, "it is busy with the same thing"),
        new(425, 425, FailureCategory.Server, "it is not ready yet"),
        new(429, 429, FailureCategory.RateLimit, "too many requests"),
        new(400, 499, FailureCategory.ClientBug, "it did not understand the request"),
        new(501, 501, FailureCategory.ClientBug, "it cannot do this"),
        new(505, 505, FailureCategory.ClientBug, "it does not speak this version"),
        new(511, 511, FailureCategory.Network, "this network wants a sign-in first", "Open any page in a browser and sign in to the network."),
        new(500, 599, FailureCategory.Server, "it cannot serve now"),
        new(600, int.MaxValue, FailureCategory.Unknown, "nobody knows what that means"),
    ];

    /// <summary>What became of a pushed ref: <c>[summary] (reason)</c>.</summary>
    public static IReadOnlyList<TextRow> Reasons { get; } =
    [
        new("[rejected] (stale info)", FailureCategory.LockConflict),
        new("[rejected] (non-fast-forward)", FailureCategory.Diverged, Hint: PullFirst),
        new("[rejected] (fetch first)", FailureCategory.Diverged, Hint: PullFirst),
        new("[rejected] (remote ref updated since checkout)", FailureCategory.Diverged, Hint: PullFirst),
        new("[rejected] (needs force)", FailureCategory.Diverged, Hint: PullFirst),
        new("[rejected] (already exists)", FailureCategory.Diverged),
        new("[remote rejected] (non-fast-forward)", FailureCategory.Diverged, Hint: PullFirst),
        new("[remote rejected] (*hook declined*)", FailureCategory.Forbidden, Hint: Rules, LooksAtText: true),
        new("[remote rejected] (unpacker error)", FailureCategory.Server, LooksAtText: true),
        new("[remote rejected] (failed to update ref)", FailureCategory.Contention),
        new("[remote rejected] (failed to lock)", FailureCategory.Contention),
        new("[remote rejected] (cannot lock ref *)", FailureCategory.Contention),
        new("[remote rejected] (incorrect old value provided)", FailureCategory.Contention),
        new("[remote rejected] (*atomic push fail*)", FailureCategory.LockConflict),
        new("[remote rejected] (*atomic transaction *)", FailureCategory.LockConflict),
        new("[remote rejected] (transaction failed to start)", FailureCategory.Contention),
        new("[remote rejected] (*)", FailureCategory.Forbidden, Hint: Rules),
        new("[rejected] (*atomic push failed*)", FailureCategory.LockConflict),
        new("[remote failure] (*)", FailureCategory.Ambiguous),
        new("[no match] (*)", FailureCategory.ClientBug),
        new("[rejected] (*)", FailureCategory.ClientBug),
    ];

    /// <summary>Lines of standard error.</summary>
    public static IReadOnlyList<TextRow> Texts { get; } =
    [
        // This machine.
        new("fatal: detected dubious ownership in repository at '*'", FailureCategory.Local, Hint: "Git does not trust a folder of another user: run the 'git config --global --add safe.directory' line that it names."),
        new("fatal: unsafe repository ('*' is owned by someone else)", FailureCategory.Local, Hint: "Add it to git's safe.directory."),
        new("fatal: not a git repository*", FailureCategory.Local, Code: VcsErrors.NotAProject, Hint: "Run this inside a clone, or make one with 'posthouse init'."),
        new("error: No such remote '*'", FailureCategory.Local, Code: VcsErrors.NoRemote, Hint: AddRemote),
        new("fatal: No such remote '*'", FailureCategory.Local, Code: VcsErrors.NoRemote, Hint: AddRemote),
        new("remote: posthouse: * is locked by *", FailureCategory.LockConflict, Hint: "Ask its holder, or wait for it with 'posthouse lock acquire --wait' and that path: this remote takes no push over it."),
        new("remote: *No space left on device", FailureCategory.Server, Hint: "The disk of the far side is full."),
        new("remote: *Disk quota exceeded", FailureCategory.Server, Hint: "The disk of the far side is full."),
        new("*: No space left on device", FailureCategory.Local, Hint: "Free some space on this machine's disk."),
        new("*: Disk quota exceeded", FailureCategory.Local, Hint: "Free some space on this machine's disk."),
        new("*: Read-only file system", FailureCategory.Local),
        new("error: insufficient permission for adding an object to repository database *", FailureCategory.Local, Hint: "Another user owns a part of this clone's .git folder."),
        new("fatal: Unable to create '*.lock': File exists.", FailureCategory.Contention, Hint: OtherGit),
        new("error: cannot lock ref '*': Unable to create '*.lock': File exists.", FailureCategory.Contention, Hint: OtherGit),
        new("error: cannot lock ref '*': is at * but expected *", FailureCategory.Contention),
        new("fatal: Unable to create '*': Permission denied", FailureCategory.Local),
        new("fatal: loose object * is corrupt", FailureCategory.Local, Hint: Fsck),
        new("error: object file * is empty", FailureCategory.Local, Hint: Fsck),
        new("fatal: packed object * is corrupt", FailureCategory.Local, Hint: Fsck),
        new("error: inflate: data stream error*", FailureCategory.Local, Hint: Fsck),
        new("fatal: bad object *", FailureCategory.Local, Hint: Fsck),
        new("fatal: * out of memory*", FailureCategory.Local),

        // The request.
        new("error: src refspec * does not match any", FailureCategory.ClientBug, Hint: "There is no such branch here."),
        new("error: src refspec * matches more than one", FailureCategory.ClientBug),
        new("fatal: couldn't find remote ref *", FailureCategory.ClientBug, Hint: "The remote has no such branch."),
        new("fatal: invalid refspec '*'", FailureCategory.ClientBug),
        new("fatal: the receiving end does not support --atomic push", FailureCategory.ClientBug, Code: VcsErrors.RemoteUnsupported, Hint: "Push with --no-fence: lock and branch are then checked one after the other."),
        new("fatal: remote error: upload-pack: not our ref *", FailureCategory.Contention),
        new("error: Server does not allow request for unadvertised object *", FailureCategory.Contention),

        // Who asks, and what is allowed.
        new("fatal: could not read Username for '*': *", FailureCategory.Auth, Hint: SignIn),
        new("fatal: could not read Password for '*': *", FailureCategory.Auth, Hint: SignIn),
        new("fatal: Authentication failed for '*'", FailureCategory.Auth, Hint: SignIn),
        new("*@*: Permission denied (*).", FailureCategory.Auth, Hint: SignIn),
        new("Permission denied (*).", FailureCategory.Auth, Hint: SignIn),
        new("Received disconnect from *: Too many authentication failures", FailureCategory.Auth, Hint: SignIn),
        new("Host key verification failed.", FailureCategory.Tls, Hint: "Connect once by hand with ssh, compare the key it shows and accept it."),
        new("remote: error: GH001: *", FailureCategory.Forbidden, Hint: "A file is larger than this host takes."),
        new("remote: fatal: pack exceeds maximum allowed size*", FailureCategory.Forbidden, Hint: "Push in smaller steps, or ask its owner for a higher limit."),
        new("fatal: pack exceeds maximum allowed size*", FailureCategory.Forbidden),
        new("remote: error: insufficient permission for adding an object *", FailureCategory.Forbidden, Hint: Rules),
        new("remote: fatal: unable to create *: Permission denied", FailureCategory.Forbidden, Hint: Rules),
        new("ERROR: Permission to * denied to *", FailureCategory.Forbidden, Hint: Rules),
        new("ERROR: Repository not found.", FailureCategory.NotFound, Hint: Missing),
        new("remote: Repository not found.", FailureCategory.NotFound, Hint: Missing),
        new("remote: The project you were looking for could not be found*", FailureCategory.NotFound, Hint: Missing),
        new("fatal: repository '*' not found", FailureCategory.NotFound, Hint: Missing),
        new("fatal: repository '*' does not exist", FailureCategory.NotFound, Hint: Missing),
        new("fatal: '*' does not appear to be a git repository", FailureCategory.NotFound, Hint: Missing),
        new("fatal: remote error: access denied or repository not exported: *", FailureCategory.NotFound, Hint: Missing),
        new("fatal: *info/refs not valid: is this a git repository?", FailureCategory.NotFound, Hint: "Something else answered: check the address, and whether this network wants a sign-in first."),
        new("fatal: unable to update url base from redirection:*", FailureCategory.Network, Hint: "Perhaps this network wants a sign-in first: open any page in a browser."),

        // The line.
        new("fatal: unable to access '*': Could not resolve *", FailureCategory.Network),
        new("fatal: unable to access '*': Failed to connect to *", FailureCategory.Network),
        new("fatal: unable to access '*': Couldn't connect to *", FailureCategory.Network),
        new("fatal: unable to access '*': Connection timed out*", FailureCategory.Network),
        new("fatal: unable to access '*': Operation timed out*", FailureCategory.Network),
        new("fatal: unable to access '*': Operation too slow*", FailureCategory.Network),
        new("fatal: unable to access '*': Empty reply from server", FailureCategory.Network),
        new("fatal: unable to access '*': Recv failure: *", FailureCategory.Network),
        new("fatal: unable to access '*': Send failure: *", FailureCategory.Network),
        new("fatal: unable to access '*': transfer closed with *", FailureCategory.Network),
        new("fatal: unable to access '*': Proxy CONNECT aborted*", FailureCategory.Network),
        new("fatal: unable to access '*': Received HTTP code ??? from proxy after CONNECT", FailureCategory.Network, Hint: "The proxy did not let it through; see http.proxy."),
        new("fatal: unable to access '*': HTTP/2 stream * was not closed cleanly*", FailureCategory.Network),
        new("fatal: unable to access '*': gnutls_handshake() failed: The TLS connection was non-properly terminated.", FailureCategory.Network),
        new("fatal: unable to access '*': gnutls_handshake() failed: Error in the pull function.", FailureCategory.Network),
        new("fatal: unable to access '*': GnuTLS recv error *", FailureCategory.Network),
        new("fatal: unable to access '*': OpenSSL SSL_*: SSL_ERROR_SYSCALL*", FailureCategory.Network),
        new("fatal: unable to access '*': SSL connection timeout", FailureCategory.Network),
        new("fatal: unable to access '*': *gnutls_handshake() failed*", FailureCategory.Tls, Hint: Trust),
        new("fatal: unable to access '*': *certificate*", FailureCategory.Tls, Hint: Trust),
        new("fatal: unable to access '*': SSL*", FailureCategory.Tls, Hint: Trust),
        new("fatal: unable to access '*': *SSL routines*", FailureCategory.Tls, Hint: Trust),
        new("fatal: unable to access '*': URL using bad/illegal format*", FailureCategory.ClientBug),
        new("fatal: unable to access '*': Protocol \"*\" not supported*", FailureCategory.ClientBug),
        new("fatal: unable to connect to *:", FailureCategory.Network),
        new("fatal: unable to look up *", FailureCategory.Network),
        new("ssh: Could not resolve hostname *: *", FailureCategory.Network),
        new("ssh: connect to host * port *: *", FailureCategory.Network),
        new("kex_exchange_identification: *", FailureCategory.Network),
        new("banner exchange: *", FailureCategory.Network),
        new("Connection closed by * port *", FailureCategory.Network),
        new("Connection reset by * port *", FailureCategory.Network),
        new("Connection timed out during banner exchange", FailureCategory.Network),
        new("Connection to * closed by remote host.", FailureCategory.Network, FailureCategory.Ambiguous),
        new("Read from remote host *: *", FailureCategory.Network, FailureCategory.Ambiguous),
        new("client_loop: send disconnect: *", FailureCategory.Network, FailureCategory.Ambiguous),
        new("Timeout, server * not responding.", FailureCategory.Network, FailureCategory.Ambiguous),
        new("error: RPC failed; *", FailureCategory.Network, FailureCategory.Ambiguous),
        new("fatal: early EOF", FailureCategory.Network, FailureCategory.Ambiguous),
        new("fatal: fetch-pack: invalid index-pack output", FailureCategory.Network),
        new("fetch-pack: unexpected disconnect while reading sideband packet", FailureCategory.Network),
        new("send-pack: unexpected disconnect while reading sideband packet", FailureCategory.Network, FailureCategory.Ambiguous),
        new("fatal: expected flush after ref listing", FailureCategory.Network),
        new("fatal: expected 'packfile'", FailureCategory.Network),
        new("fatal: protocol error: *", FailureCategory.Network, FailureCategory.Ambiguous),
        new("fatal: the remote end hung up *", FailureCategory.Network, FailureCategory.Ambiguous),
        new("fatal: unable to access '*': *", FailureCategory.Network),
        new("fatal: Could not read from remote repository.", FailureCategory.Network),
    ];
}
