namespace Redlock.Fast.Service;

/// <summary>An order whose parcels are sent one after the other; in a real service a row of a database.</summary>
internal sealed class Order(int id, RedlockMutex mutex)
{
    public int Id { get; } = id;

    /// <summary>How many parcels the carrier has taken: read before the next one is sent, and written behind it.</summary>
    public int Parcels { get; set; }

    /// <summary>Made once, and kept as long as the name is used.</summary>
    public RedlockMutex Mutex { get; } = mutex;
}
