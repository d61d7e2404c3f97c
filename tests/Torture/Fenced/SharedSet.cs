using Microsoft.Data.Sqlite;

namespace Redlock.Fast.Torture;

/// <summary>
/// A set in a database that several processes share. It is read and written as a whole, so that whoever writes over what he has not read
/// takes elements of others away.
/// </summary>
internal sealed class SharedSet : IDisposable
{
    private readonly SqliteConnection _database;

    private SharedSet(string path)
    {
        _database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path }.ConnectionString);
        _database.Open();

        // A process that is paused in the middle keeps the others waiting, and must not make them fail.
        using SqliteCommand patience = _database.CreateCommand();
        patience.CommandText = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL";
        patience.ExecuteNonQuery();
    }

    public static SharedSet Create(string path)
    {
        SharedSet set = new(path);
        using SqliteCommand command = set._database.CreateCommand();
        command.CommandText =
            "CREATE TABLE shared (elements TEXT NOT NULL, token INTEGER NOT NULL); INSERT INTO shared VALUES ('', 0)";
        command.ExecuteNonQuery();
        return set;
    }

    public static SharedSet Open(string path) => new(path);

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
        using SqliteCommand command = _database.CreateCommand();
        command.CommandText = token == 0
            ? "UPDATE shared SET elements = @elements"
            : "UPDATE shared SET elements = @elements, token = @token WHERE token <= @token";
        command.Parameters.AddWithValue("@elements", string.Join(' ', elements));
        command.Parameters.AddWithValue("@token", token);
        return command.ExecuteNonQuery() == 1;
    }

    public void Dispose() => _database.Dispose();

    private string[]? Read(string text, long token)
    {
        using SqliteCommand command = _database.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("@token", token);
        return ((string?)command.ExecuteScalar())?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
