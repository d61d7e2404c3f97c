namespace Redlock.Fast.Resp;

/// <summary>
/// Tells when a buffer that an overload has grown may be small again: once it was empty many times over and never filled much in between.
/// </summary>
/// <remarks>
/// Without a clock, so that a connection at rest has no timer. What a busy service needs is kept for good: to free it would be to make it
/// anew.
/// </remarks>
/// <param name="kept">How large a buffer may stay.</param>
internal struct SpareRoom(int kept)
{
    // A burst that comes again sooner than that finds its room.
    private const int UsesToBeSure = 1024;

    // A use of less than a quarter leaves room for one that is larger by chance.
    private const int MuchOfIt = 4;

    private int _most;
    private int _uses;

    /// <summary>So much of it is in use.</summary>
    public void Note(int used) => _most = Math.Max(_most, used);

    /// <summary>The buffer is empty.</summary>
    /// <param name="size">How large it is.</param>
    /// <returns>Whether the size to be kept would have done for long enough.</returns>
    public bool IsTooMuch(int size)
    {
        if (size <= kept)
        {
            return false;
        }

        _uses = _most > kept / MuchOfIt ? 0 : _uses + 1;
        _most = 0;
        if (_uses < UsesToBeSure)
        {
            return false;
        }

        _uses = 0;
        return true;
    }
}
