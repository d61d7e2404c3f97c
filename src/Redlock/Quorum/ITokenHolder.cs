namespace Redlock.Fast;

/// <summary>What a handle asks of the mutex that gave it.</summary>
internal interface ITokenHolder
{
    TimeSpan Remaining(LockToken token);

    CancellationToken Lost(LockToken token);

    bool KeepAlive(LockToken token, RenewOptions options);

    LockToken Detach(LockToken token);

    UnlockStatus Unlock(LockToken token, CancellationToken cancellationToken = default);

    /// <summary>Gives up a handle that is disposed without waiting for anything, if that is how it is to be released.</summary>
    /// <returns>False if it is to be waited for.</returns>
    bool TryPost(LockToken token);

    /// <summary>Gives up a handle that is disposed: like a release whose outcome nobody asks for.</summary>
    ValueTask DisposeAsync(LockToken token);
}
