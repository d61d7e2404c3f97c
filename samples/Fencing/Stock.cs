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

    public long Read()
    {
        using SqliteCommand command = _database.CreateCommand();
        command.CommandText = "SELECT pieces FROM stock";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Believes whoever writes.</summary>
    public void Write(long pieces) => Execute("UPDATE stock SET pieces = @pieces", ("@pieces", pieces));

    /// <summary>Believes whoever has a token that is not smaller than the largest one seen.</summary>
    /// <returns>False if it refuses.</returns>
    public bool TryWrite(long pieces, long token) =>
        Execute("UPDATE stock SET pieces = @pieces, token = @token WHERE token <= @token", ("@pieces", pieces), ("@token", token)) == 1;

    public void Dispose() => _database.Dispose();

    private int Execute(string text, params (string Name, long Value)[] parameters)
    {
        using SqliteCommand command = _database.CreateCommand();
        command.CommandText = text;
        foreach ((string name, long value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }
}
