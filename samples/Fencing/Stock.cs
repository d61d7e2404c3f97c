using Microsoft.Data.Sqlite;

namespace Redlock.Fast.Fencing;

/// <summary>The resource: how many pieces are left, in a database, beside the largest fencing token that has written it.</summary>
internal sealed class Stock : IDisposable
{
    private readonly SqliteConnection _database = new("Data Source=:memory:");

    public Stock(long pieces)
    {
        _database.Open();
        Execute("CREATE TABLE stock (pieces INTEGER NOT NULL, token INTEGER NOT NULL)");
        Execute("INSERT INTO stock VALUES (@pieces, 0)", ("@pieces", pieces));
    }

    public long Read() => Ask("SELECT pieces FROM stock")!.Value;

    /// <summary>Reads for a write to come: from now on a smaller token comes too late, before that write as well.</summary>
    /// <returns>Nothing if the token is too small.</returns>
    public long? TryRead(long token) => Ask("UPDATE stock SET token = @token WHERE token <= @token RETURNING pieces", ("@token", token));

    /// <summary>Believes whoever writes.</summary>
    public void Write(long pieces) => Execute("UPDATE stock SET pieces = @pieces", ("@pieces", pieces));

    /// <summary>Believes whoever has a token that is not smaller than the largest one seen.</summary>
    /// <returns>False if it refuses.</returns>
    public bool TryWrite(long pieces, long token) =>
        Execute("UPDATE stock SET pieces = @pieces, token = @token WHERE token <= @token", ("@pieces", pieces), ("@token", token)) == 1;

    public void Dispose() => _database.Dispose();

    private long? Ask(string text, params (string Name, long Value)[] parameters)
    {
        using SqliteCommand command = Command(text, parameters);
        return (long?)command.ExecuteScalar();
    }

    private int Execute(string text, params (string Name, long Value)[] parameters)
    {
        using SqliteCommand command = Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, (string Name, long Value)[] parameters)
    {
        SqliteCommand command = _database.CreateCommand();
        command.CommandText = text;
        foreach ((string name, long value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
