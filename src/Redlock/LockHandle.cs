using System.Runtime.InteropServices;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// What <see cref="RedlockMutex.LockAsync"/> gives: a held lock that is released when it is disposed. A struct: <c>await using</c> and
/// <c>using</c> do not box it.
/// </summary>
/// <remarks><c>default</c> holds nothing, and disposing it does nothing. Disposing twice, or a copy, is harmless.</remarks>
/// <example>
/// <code>
/// await using LockHandle held = await mutex.LockAsync();
/// while (held.Remaining &gt; TimeSpan.FromSeconds(1))
/// {
///     await WorkAsync(held.Lost);
/// }
/// </code>
/// </example>
[StructLayout(LayoutKind.Auto)]
public readonly partial struct LockHandle : IDisposable, IAsyncDisposable, IEquatable<LockHandle>
{
    private readonly ITokenHolder? _mutex;

    /// <summary>Binds a token to the mutex that gave it.</summary>
    internal LockHandle(ITokenHolder mutex, LockToken token)
    {
        _mutex = mutex;
        Token = token;
    }

    /// <summary>What the holder carries.</summary>
    public LockToken Token { get; }

    /// <summary>The owner id as text, for handing ownership over.</summary>
    public string Value => Token.Value;

    /// <summary>
    /// How long the lock may still be relied on, computed now, by the newest deadline that an extension through this or a copy of its token
    /// gave it. Zero after a release, and after <see cref="Detach"/>.
    /// </summary>
    /// <remarks>
    /// From the moment that <see cref="Lost"/> is asked for, or the lock is kept alive, it counts to the moment at which the loss is due
    /// and not to the deadline just behind it. So once <see cref="Lost"/> has fired nothing remains, and what has come to zero never grows
    /// again. A lock that nobody watches learns of a loss before its deadline only from the outcome of an extension.
    /// </remarks>
    public TimeSpan Remaining => _mutex?.Remaining(Token) ?? TimeSpan.Zero;

    /// <summary>Whether the lock may still be relied on, computed now: whether anything is <see cref="Remaining"/>.</summary>
    public bool IsHeld => Remaining > TimeSpan.Zero;

    /// <summary>
    /// Hand it to the work under the lock: cancelled when the lock is lost, at once when a quorum of nodes says so, else at most 2 ms ahead
    /// of the newest deadline, also while a renewal hangs. A release is no loss and does not cancel it. Cancelled from the start if the
    /// lock is lost already, or if this is <c>default</c>.
    /// </summary>
    /// <remarks>
    /// <see cref="CancellationToken.IsCancellationRequested"/> shows the loss at once, even when no thread of the pool is free; callbacks,
    /// and tokens linked to this one, follow on the thread pool. Made when it is first asked for: locks that never ask cost nothing. Asked
    /// for after a release, or after <see cref="Detach"/>, it is <see cref="CancellationToken.None"/>: nobody can lose the lock any more.
    /// Whether it is still held, <see cref="IsHeld"/> tells. A release or an extension by the token's text alone is not seen by the handle,
    /// unless the lock is watched or kept alive.
    /// </remarks>
    /// <example>
    /// <code>
    /// await using LockHandle held = await mutex.LockAsync();
    /// using HttpResponseMessage answer = await client.GetAsync(target, held.Lost);
    /// </code>
    /// </example>
    public CancellationToken Lost => _mutex?.Lost(Token) ?? new CancellationToken(canceled: true);

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

    /// <summary>
    /// Call it once the work may outlast the expiry: keeps the lock alive until it is released, for as long as the options allow; never
    /// shortens what it has.
    /// </summary>
    /// <param name="options">How often and how long; a second call replaces the first one's.</param>
    /// <returns>False if the lock is lost, released or detached already; nothing happens then.</returns>
    /// <example>
    /// <code>
    /// if (!held.KeepAlive(RenewOptions.Every(1.0 / 3, maxHoldTime: TimeSpan.FromMinutes(10))))
    /// {
    ///     throw new InvalidOperationException("The lock is lost already.");
    /// }
    /// </code>
    /// </example>
    public bool KeepAlive(RenewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _mutex is not null && _mutex.KeepAlive(Token, options);
    }

    /// <summary>Call it to give the lock to another process: stops keeping it alive and watching it, without a release.</summary>
    /// <returns>
    /// The token to hand over, by its <see cref="LockToken.Value"/>, with the newest deadline; <c>default</c> if the lock is lost, released
    /// or detached already. Whoever goes on with it releases it, or lets it expire.
    /// </returns>
    /// <remarks>
    /// The handle and its copies hold nothing afterwards: disposing them does nothing, and their <see cref="Lost"/> never fires. Nothing is
    /// sent. No renewal starts any more; one that is under way may still reach the nodes. It never shortens what the nodes have, so whoever
    /// goes on with the lock is free to use another expiry.
    /// </remarks>
    /// <example>
    /// <code>
    /// LockToken token = held.Detach();
    /// string text = await SendAsync(token.Value);
    /// </code>
    /// </example>
    public LockToken Detach() => _mutex?.Detach(Token) ?? default;

    /// <summary>
    /// Releases the lock and waits for a quorum to say so, unless <see cref="MutexOptions.Release"/> is <see cref="ReleaseMode.Posted"/>.
    /// It throws nothing: what can't be released expires.
    /// </summary>
    public ValueTask DisposeAsync() =>
        _mutex is null || Token.IsDefault || _mutex.TryPost(Token) ? default : _mutex.DisposeAsync(Token);

    /// <summary>
    /// Releases the lock, blocking the calling thread until a quorum has said so, unless <see cref="MutexOptions.Release"/> is
    /// <see cref="ReleaseMode.Posted"/> or the thread is one that reads a node's replies (code behind an inline continuation): there it
    /// waits for nothing. It throws nothing: what can't be released expires.
    /// </summary>
    public void Dispose()
    {
        if (_mutex is null || Token.IsDefault || _mutex.TryPost(Token))
        {
            return;
        }

        try
        {
            if (RespThread.Role == RespThreadRole.None)
            {
                _mutex.Unlock(Token);
            }
            else
            {
                WithoutContext.Start(static ending => _ = ending.Mutex.DisposeAsync(ending.Token).AsTask(), (Mutex: _mutex, Token));
            }
        }
        catch (ObjectDisposedException)
        {
            // The factory went first, and its connections with it; the key goes with its expiry.
        }
    }

    /// <inheritdoc/>
    public bool Equals(LockHandle other) => ReferenceEquals(_mutex, other._mutex) && Token == other.Token;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LockHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Token.GetHashCode();

    /// <summary>The token's text.</summary>
    public override string ToString() => Token.ToString();
}
