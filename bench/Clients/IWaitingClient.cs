namespace Redlock.Fast.Bench;

/// <summary>A library that can wait for a lock that somebody else holds.</summary>
internal interface IWaitingClient
{
    /// <summary>Takes a name, and waits for it as the library does by default.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The lock, which is released when it is disposed.</returns>
    Task<IAsyncDisposable> TakeAsync(string name);
}
