namespace Redlock.Fast;

public readonly partial struct LockHandle
{
    /// <inheritdoc cref="LockToken.FencingToken"/>
    public long FencingToken => Token.FencingToken;

    /// <inheritdoc cref="LockToken.FencingText"/>
    public string FencingText => Token.FencingText;
}
