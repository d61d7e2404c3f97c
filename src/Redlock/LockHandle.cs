using System.Runtime.InteropServices;

namespace Redlock.Fast;

/// <summary>A held lock that is released when it is disposed. A struct: <c>await using</c> and <c>using</c> do not box it.</summary>
/// <remarks><c>default</c> holds nothing, and disposing it does nothing. Disposing twice, or a copy, is harmless.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly struct LockHandle : IDisposable, IAsyncDisposable, IEquatable<LockHandle>
{
    private readonly ILocker? _locker;

    /// <summary>Binds a token to the locker that gave it.</summary>
    /// <param name="locker">Releases the token.</param>
    /// <param name="token">What the holder carries.</param>
    public LockHandle(ILocker locker, LockToken token)
    {
        ArgumentNullException.ThrowIfNull(locker);
        _locker = locker;
        Token = token;
    }

    /// <summary>What the holder carries.</summary>
    public LockToken Token { get; }

    /// <summary>The owner id as text, for handing ownership over.</summary>
    public string Value => Token.Value;

    /// <summary>How long the lock may still be relied on, computed now, by its newest deadline if it is kept alive.</summary>
    public TimeSpan Remaining => _locker?.Remaining(Token) ?? TimeSpan.Zero;

    /// <summary>Whether the lock may still be relied on, computed now.</summary>
    public bool IsHeld => Remaining > TimeSpan.Zero;

    /// <summary>
    /// Cancelled when the lock is lost: at once when a quorum of nodes says so, else at most 2 ms ahead of the newest deadline, also while
    /// a renewal hangs. A release does not cancel it. Cancelled from the start if nothing is held.
    /// </summary>
    /// <remarks>
    /// <see cref="CancellationToken.IsCancellationRequested"/> shows the loss at once, even when no thread of the pool is free; callbacks,
    /// and tokens linked to this one, follow on the thread pool. Made when it is first asked for: locks that never ask cost nothing.
    /// Ask while the lock is held: a handle does not know that it was released, and a deadline that then passes looks like a loss.
    /// </remarks>
    public CancellationToken Lost => _locker?.Lost(Token) ?? new CancellationToken(canceled: true);

    /// <summary>The token, for calls that take one.</summary>
    /// <param name="handle">A handle.</param>
    public static implicit operator LockToken(LockHandle handle) => handle.Token;

    /// <summary>Whether both name the same holding.</summary>
    /// <param name="left">A handle.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(LockHandle left, LockHandle right) => left.Equals(right);

    /// <summary>Whether both name different holdings.</summary>
    /// <param name="left">A handle.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(LockHandle left, LockHandle right) => !left.Equals(right);

    /// <summary>Keeps the lock alive until it is released, for as long as the options allow.</summary>
    /// <param name="options">How often and how long; a second call replaces the first one's.</param>
    /// <returns>False if the lock is lost already.</returns>
    public bool KeepAlive(RenewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _locker is not null && _locker.KeepAlive(Token, options);
    }

    /// <summary>Releases the lock and waits for a quorum to say so. It throws nothing: what can't be released expires.</summary>
    public ValueTask DisposeAsync() => _locker is null || Token.IsDefault ? default : _locker.DisposeAsync(Token);

    /// <summary>Releases the lock, blocking the calling thread until a quorum has said so. It throws nothing: what can't be released expires.</summary>
    public void Dispose()
    {
        if (_locker is null || Token.IsDefault)
        {
            return;
        }

        try
        {
            _locker.Unlock(Token);
        }
        catch (ObjectDisposedException)
        {
            // The factory went first, and its connections with it; the key goes with its expiry.
        }
    }

    /// <inheritdoc/>
    public bool Equals(LockHandle other) => ReferenceEquals(_locker, other._locker) && Token == other.Token;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LockHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Token.GetHashCode();

    /// <summary>The token's text.</summary>
    public override string ToString() => Token.ToString();
}
