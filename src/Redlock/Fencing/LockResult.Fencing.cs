namespace Redlock.Fast;

public readonly partial record struct LockResult
{
    /// <inheritdoc cref="LockToken.FencingToken"/>
    public long FencingToken => Token.FencingToken;
}
