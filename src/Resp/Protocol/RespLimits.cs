namespace Redlock.Fast.Resp;

/// <summary>How large a reply may be before it is taken for a broken or hostile peer.</summary>
/// <remarks>Every limit is checked against what a length prefix announces, before any of the announced bytes arrive.</remarks>
public sealed record RespLimits
{
    // Sums of a position, a header and one bulk string then stay within an int.
    private const int LargestBulkBytes = 512 * 1024 * 1024;
    private const int LargestFrameBytes = 1024 * 1024 * 1024;

    // Copying and printing a nested value takes one stack frame a level.
    private const int LargestDepth = 1024;

    // As many as fit the largest frame.
    private const int LargestElements = LargestFrameBytes / RespElement.SmallestBytes;

    /// <summary>The limits used where none are given: generous for a lock's replies, harmless to the process.</summary>
    public static RespLimits Default { get; } = new();

    /// <summary>The longest simple string or error, in bytes between its type byte and CRLF; 64 KiB unless set.</summary>
    /// <remarks>A line announces no length, so this is what ends the wait for a CRLF that never comes.
    /// At least 20, the length of the longest integer.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Below 20 or above 512 MiB.</exception>
    public int MaxLineBytes { get; init => field = Within(value, RespElement.LongestNumber, LargestBulkBytes); } = 64 * 1024;

    /// <summary>The longest bulk string, in bytes of payload; 1 MiB unless set.</summary>
    /// <remarks>The largest bulk strings a lock sees are owner ids and script digests, of some tens of bytes.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Below 1 or above 512 MiB, Redis's own default limit.</exception>
    public int MaxBulkBytes { get; init => field = Within(value, 1, LargestBulkBytes); } = 1024 * 1024;

    /// <summary>How deep arrays may stand inside arrays, the outermost counted as 1; 32 unless set.</summary>
    /// <remarks>Four bytes open a level, so without a limit a few kilobytes would nest deeper than any stack.
    /// An empty or null array counts as a level too.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Below 1 or above 1024.</exception>
    public int MaxDepth { get; init => field = Within(value, 1, LargestDepth); } = 32;

    /// <summary>The largest top-level frame, in bytes from its type byte to its last CRLF; 16 MiB unless set.</summary>
    /// <remarks>A frame stays in the receive buffer until it is whole, so this bounds that buffer.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Below 32 or above 1 GiB.</exception>
    public int MaxFrameBytes { get; init => field = Within(value, 32, LargestFrameBytes); } = 16 * 1024 * 1024;

    /// <summary>The most elements of a top-level frame, arrays and their items alike; 262,144 unless set.</summary>
    /// <remarks>
    /// Four bytes announce an element, and a <see cref="RespValue"/> of it takes tens, so this bounds what a copied reply costs.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Below 1 or above a third of 1 GiB, which is what the largest frame can hold.
    /// </exception>
    public int MaxElements { get; init => field = Within(value, 1, LargestElements); } = 256 * 1024;

    private static int Within(int value, int least, int most, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
        return value;
    }
}
