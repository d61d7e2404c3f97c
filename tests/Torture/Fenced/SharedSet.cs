using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Redlock.Fast.Torture;

/// <summary>
/// A set in a database that several processes share. It is read and written as a whole, so that whoever writes over what he has not read
/// takes elements of others away.
/// </summary>
internal sealed class SharedSet : IDisposable
{
    private readonly DbConnection _database;

    private SharedSet(string store)
    {
        _database = IsPostgres(store)
            ? new NpgsqlConnection(store)
            : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store }.ConnectionString);
        _database.Open();
        if (!IsPostgres(store))
        {
            // A process that is paused in the middle keeps the others waiting, and must not make them fail.
            Execute("PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL");
        }
    }

    /// <param name="store">The path of a file, or how to connect to PostgreSQL, beginning with the host.</param>
    public static SharedSet Create(string store)
    {
        SharedSet set = new(store);
        set.Execute("DROP TABLE IF EXISTS shared");
        set.Execute("CREATE TABLE shared (elements TEXT NOT NULL, token BIGINT NOT NULL)");
        set.Execute("INSERT INTO shared VALUES ('', 0)");
        return set;
    }

    public static SharedSet Open(string store) => new(store);

    public static bool IsPostgres(string store) => store.StartsWith("Host=", StringComparison.OrdinalIgnoreCase);

    public string[] ReadAll() => Read("SELECT elements FROM shared", token: 0)!;

    /// <summary>
    /// Reads for a write to come. With a token the reader shows his number already here: what a smaller one writes behind this would be
    /// written over.
    /// </summary>
    /// <param name="token">Zero for none.</param>
    /// <returns>Nothing if the token is too small.</returns>
    public string[]? TryRead(long token) => token == 0
        ? ReadAll()
        : Read("UPDATE shared SET token = @token WHERE token <= @token RETURNING elements", token);

    /// <summary>Writes all of it.</summary>
    /// <param name="elements">What it is from now on.</param>
    /// <param name="token">Zero for none.</param>
    /// <returns>False if the token is too small.</returns>
    public bool TryWrite(IEnumerable<string> elements, long token)
    {
        using DbCommand command = Command(
            token == 0
                ? "UPDATE shared SET elements = @elements"
                : "UPDATE shared SET elements = @elements, token = @token WHERE token <= @token",
            token);
        Add(command, "@elements", string.Join(' ', elements));
        return command.ExecuteNonQuery() == 1;
    }

    public void Dispose() => _database.Dispose();

    private static void Add(DbCommand command, string name, object value)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private string[]? Read(string text, long token)
    {
        using DbCommand command = Command(text, token);
        return ((string?)command.ExecuteScalar())?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private DbCommand Command(string text, long token)
    {
        DbCommand command = _database.CreateCommand();
        command.CommandText = text;
        Add(command, "@token", token);
        return command;
    }

    private void Execute(string text)
    {
        using DbCommand command = _database.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
