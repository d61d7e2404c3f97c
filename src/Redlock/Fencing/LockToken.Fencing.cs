namespace Redlock.Fast;

public readonly partial struct LockToken
{
    /// <summary>
    /// The number of this holding: larger than that of every earlier holder of the name, kept by extensions, 1 and up. 0 where the mutex
    /// was not <see cref="MutexOptions.Fenced"/>, and of a token made from a <see cref="Value"/> alone.
    /// </summary>
    /// <remarks>
    /// Hand it to the resource with each write; the resource keeps the largest that it has seen, and refuses a smaller one. Never an equal
    /// one: the second write of one holder carries the same number.
    /// </remarks>
    public long FencingToken { get; private init; }

    /// <summary>
    /// <see cref="FencingToken"/> as 19 digits with zeros in front, for stores that compare text: what is smaller sorts first.
    /// </summary>
    public string FencingText => FencingNumber.TextOf(FencingToken);

    /// <summary>
    /// What <see cref="Parse"/> turns back, in this process or another: <see cref="Value"/> and, if the lock is fenced, a full stop and
    /// <see cref="FencingText"/> behind it, so that whoever goes on with the lock goes on with its number. Empty for <c>default</c>.
    /// </summary>
    public string Text => FencingNumber.Join(Value, FencingToken);

    /// <summary>The same with its number.</summary>
    internal LockToken Fenced(long number) => this with { FencingToken = number };

    /// <summary>The same with the number of a copy of it, if that knows one and this does not.</summary>
    internal LockToken FencedLike(LockToken copy) => FencingToken != 0 ? this : Fenced(copy.FencingToken);
}
