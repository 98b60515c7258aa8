using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// Lends transactions to the application, one at a time. Waiting for the gate needs a thread, which starts with the first one
/// that asks. A flow that holds a transaction and writes beside it would wait for itself, so it is refused at once.
/// </summary>
internal sealed class Lending : IDisposable
{
    private static readonly AsyncLocal<Loan?> Flow = new();

    private readonly ConcurrentQueue<Loan> _asked = new();
    private readonly SqliteStoreOptions _options;
    private readonly string _writer;
    private readonly IJobDrafts _drafts;
    private readonly Action _changed;
    private readonly Lazy<ILoopDriver> _driver;
    private readonly Lazy<WriterGate> _gate;
    private volatile Loan? _lent;
    private long _turn;

    public Lending(SqliteStoreOptions options, string writer, IJobDrafts drafts, LoopDriverFactory drive, Action changed)
    {
        (_options, _writer, _drafts, _changed) = (options, writer + "-lent", drafts, changed);
        _driver = new Lazy<ILoopDriver>(() => drive("posthouse-lend", Turn));
        _gate = new Lazy<WriterGate>(() => WriterGate.For(options.Path));
    }

    /// <summary>Asks for a transaction. Not async, so that the caller's own flow remembers that it holds one.</summary>
    [RequiresUnreferencedCode(LentTransaction.TrimWarning)]
    public Task<StoreTransaction> BeginAsync()
    {
        if (Refusal() is { } refusal)
        {
            return Task.FromException<StoreTransaction>(refusal);
        }

        var loan = new Loan(this, RealTime.Mark());
        Flow.Value = loan;
        _asked.Enqueue(loan);
        _driver.Value.Signal();
        return loan.Task;
    }

    /// <summary>Why the present flow may not write outside a transaction now; null when it may.</summary>
    public PosthouseException? Refusal() => Flow.Value is { } loan && loan.Lender == this && !loan.Ended
        ? new PosthouseException(ErrorCodes.OptionsInvalid,
            "This flow holds a transaction of the store and would wait for itself. Pass it: queue.EnqueueAsync(job, tx); or commit it first.")
        : null;

    /// <summary>Runs a part of the store's work inside a lent transaction.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the transaction is not one of this store; TRANSACTION_ENDED.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A loan exists only where BeginAsync, which warns, was called.")]
    public T Run<T>(DbTransaction transaction, Func<Group, T> work)
    {
        if (_lent is not { } loan || loan.Transaction is not { } lent || lent.Transaction != transaction)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                "This transaction is not one that the store has lent now. Write: await using var tx = await store.BeginAsync();");
        }

        return lent.Run(sql => new Group(sql, _options.Time.GetUtcNow(), _drafts, _options.Limits), work);
    }

    /// <summary>Rolls back what is still lent and refuses who still waits.</summary>
    public void Dispose()
    {
        if (_driver.IsValueCreated)
        {
            Expire(_lent);
            _driver.Value.Dispose();
            Expire(_lent);
        }

        while (_asked.TryDequeue(out var loan))
        {
            loan.Fail(new PosthouseException(ErrorCodes.StoreUnavailable, "The store is closed."));
        }

        if (_gate.IsValueCreated)
        {
            _gate.Value.Dispose();
        }
    }

    private bool Turn()
    {
        if (!_asked.TryDequeue(out var loan))
        {
            return false;
        }

        try
        {
            Lend(loan);
        }
        catch (Exception e)
        {
            loan.Fail(e);
        }

        return true;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only BeginAsync, which warns, makes a loan.")]
    private void Lend(Loan loan)
    {
        var left = SqliteCommitDatabase.GateLimit - RealTime.Since(loan.AskedAt);
        var lease = _gate.Value.Enter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            var mark = new LentMark(_writer, ++_turn, _options.Time.GetUtcNow());
            _lent = loan;
            loan.Grant(new LentTransaction(Durable.Canonical(_options.Path), mark, () => GiveBack(loan, lease)), _options.Time);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private void GiveBack(Loan loan, WriterGate.Lease lease)
    {
        loan.End();
        lease.Dispose();
        _changed();
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A loan exists only where BeginAsync, which warns, was called.")]
    private static void Expire(Loan? loan) => loan?.Transaction?.Expire();

    /// <summary>One transaction from the moment it is asked for; the flow that asked keeps it in mind.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only BeginAsync, which warns, makes a loan.")]
    private sealed class Loan(Lending lender, long askedAt) : TaskCompletionSource<StoreTransaction>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private ITimer? _deadline;

        public Lending Lender => lender;

        public long AskedAt => askedAt;

        public bool Ended { get; private set; }

        public LentTransaction? Transaction { get; private set; }

        public void Grant(LentTransaction transaction, TimeProvider time)
        {
            Transaction = transaction;
            _deadline = time.CreateTimer(_ => Expire(this), null, StoreTransaction.LongestHold, Timeout.InfiniteTimeSpan);
            TrySetResult(transaction);
        }

        public void Fail(Exception error)
        {
            End();
            TrySetException(error);
        }

        public void End()
        {
            Ended = true;
            _deadline?.Dispose();
        }
    }
}
