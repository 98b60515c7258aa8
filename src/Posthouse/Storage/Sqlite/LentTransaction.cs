using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Posthouse.Storage.Commit;
using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// A connection of ADO.NET that is lent for one transaction, with the store's settings and under its gate. Admission runs on
/// the same connection below ADO.NET, with the statements of the commit loop. The only class that loads Microsoft.Data.Sqlite.
/// </summary>
[RequiresUnreferencedCode(TrimWarning)]
internal sealed class LentTransaction : StoreTransaction
{
    public const string TrimWarning = "Microsoft.Data.Sqlite is not annotated for trimming. JobQueue.EnqueueAsync without a transaction needs none of it.";

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;
    private readonly SqliteDatabase _sql;
    private readonly LentMark _mark;
    private readonly Action _ended;
    private bool _open = true;

    /// <summary>Opens and begins; the caller holds the gate, and <paramref name="ended"/> lets it go.</summary>
    public LentTransaction(string path, LentMark mark, Action ended)
    {
        (_mark, _ended) = (mark, ended);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        try
        {
            _connection.Open();
            _sql = SqliteDatabase.Borrow(_connection.Handle!, path);
            _sql.MakeDurable();
            // It may be closed late, without the gate, and closing must then not fold the log in.
            _ = raw.sqlite3_db_config(_connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
            _transaction = _connection.BeginTransaction(IsolationLevel.Serializable, deferred: false);
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw SqliteErrors.From(e.SqliteExtendedErrorCode, e.Message, path);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public override DbConnection Connection => _connection;

    public override DbTransaction Transaction => _transaction;

    /// <summary>Runs a part of the store's own work inside; a part that fails leaves nothing behind, and the transaction may go on.</summary>
    /// <param name="begin">Makes the part's view of the transaction. One for each part: the application may have rolled an earlier one back.</param>
    /// <param name="work">The part.</param>
    public T Run<T>(Func<ISqlWrite, Group> begin, Func<Group, T> work)
    {
        lock (_lock)
        {
            DemandOpen();
            _sql.Savepoint();
            try
            {
                var group = begin(_sql);
                var answer = work(group);
                group.Totals.Save(_sql);
                _sql.Release();
                return answer;
            }
            catch
            {
                if (_sql.InTransaction)
                {
                    _sql.RollbackToSavepoint();
                }

                throw;
            }
        }
    }

    public override Task CommitAsync()
    {
        lock (_lock)
        {
            DemandOpen();
            try
            {
                _mark.Write(_sql);
                CrashPoint.Reached(CrashAt.LoanUncommitted);
                _transaction.Commit();
                CrashPoint.Reached(CrashAt.LoanCommitted);
            }
            catch (SqliteException e)
            {
                Close();
                var failure = SqliteErrors.From(e.SqliteExtendedErrorCode, e.Message, _sql.Path, committing: true);
                _mark.Resolve(_sql.Path, failure as StoreIoException ?? throw failure);
            }
            finally
            {
                End();
            }
        }

        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            Close(); // What was not committed is rolled back by it.
            End();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The time is over. The application may be using the connection this moment, so it is not closed but made harmless.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            if (!_open)
            {
                return;
            }

            if (_connection.Handle is { } handle)
            {
                raw.sqlite3_interrupt(handle);
                // One call, so that no statement of the application comes between the two.
                _ = raw.sqlite3_exec(handle, "PRAGMA query_only=1; ROLLBACK");
            }

            _open = false;
            _ended();
        }
    }

    private void DemandOpen()
    {
        if (!_open || _connection.State is not ConnectionState.Open || !_sql.InTransaction)
        {
            throw new PosthouseException(ErrorCodes.TransactionEnded,
                $"The transaction has ended: committed, disposed of, or rolled back because it was held for more than {LongestHold.TotalSeconds:0} s. Begin another one, and keep slow work out of it.");
        }
    }

    private void Close()
    {
        _sql.Dispose();
        _connection.Dispose();
    }

    private void End()
    {
        Close();
        if (_open)
        {
            _open = false;
            _ended();
        }
    }
}
