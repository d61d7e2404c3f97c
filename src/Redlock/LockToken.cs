using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Redlock.Fast;

/// <summary>What one holder carries: the owner id stored under the key, and the deadline until which it may rely on the lock.</summary>
/// <remarks>
/// <para>
/// <c>default</c> is "not held". Copying a token is harmless: release and extend compare with the owner id on the server, so a second
/// release finds nothing of its own. Copies know of each other's extensions and releases, and of the name: a mutex of another one refuses
/// them. A token made from text knows none of these.
/// </para>
/// <para>
/// Two tokens are equal when they name the same owner: one that was parsed, extended or detached is equal to the one that it came from.
/// </para>
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly partial struct LockToken : IEquatable<LockToken>, IParsable<LockToken>
{
    /// <summary>The bytes of an owner id.</summary>
    public const int OwnerIdBytes = 16;

    /// <summary>The ASCII bytes of an owner id as it is stored: base64 with padding.</summary>
    internal const int ValueBytes = 24;

    private const int WordBytes = sizeof(ulong);

    // Three bytes are four characters: a start of this length needs no padding, and what follows it is encoded by itself.
    private const int UnpaddedBytes = 12;

    // Held as the text that stands on the wire, so that a frame is made by copying. Words, for code with a UInt128 in it is never compiled
    // ahead.
    private readonly ulong _valueStart;
    private readonly ulong _valueMiddle;
    private readonly ulong _valueEnd;
    private readonly Holding? _holding;
    private readonly uint _use;
    private readonly uint _unaskedNodes;

    /// <summary>Makes a token that knows no deadline.</summary>
    /// <param name="ownerId">16 bytes from a cryptographic generator; all zero for <c>default</c>.</param>
    internal LockToken(ReadOnlySpan<byte> ownerId)
    {
        if (ownerId.Length != OwnerIdBytes)
        {
            throw new ArgumentException($"An owner id has {OwnerIdBytes} bytes, not {ownerId.Length}.", nameof(ownerId));
        }

        if (ownerId.ContainsAnyExcept((byte)0))
        {
            Span<byte> value = stackalloc byte[ValueBytes];

            // In two parts, which are too short for the encoder's vector path: that is compiled at its first use, for milliseconds.
            Base64.EncodeToUtf8(ownerId[..UnpaddedBytes], value, out _, out int encoded);
            Base64.EncodeToUtf8(ownerId[UnpaddedBytes..], value[encoded..], out _, out _);
            _valueStart = MemoryMarshal.Read<ulong>(value);
            _valueMiddle = MemoryMarshal.Read<ulong>(value[WordBytes..]);
            _valueEnd = MemoryMarshal.Read<ulong>(value[(2 * WordBytes)..]);
        }
    }

    private LockToken(in LockToken owner, long deadlineTicks, Holding? holding, uint use, uint unaskedNodes)
    {
        _valueStart = owner._valueStart;
        _valueMiddle = owner._valueMiddle;
        _valueEnd = owner._valueEnd;
        FencingToken = owner.FencingToken;
        DeadlineTicks = deadlineTicks;
        _holding = holding;
        _use = use;
        _unaskedNodes = unaskedNodes;
    }

    /// <summary>Whether this is <c>default</c>: it names no owner.</summary>
    public bool IsDefault => _valueEnd == 0;

    /// <summary>
    /// The owner id as it is stored under the key: 24 characters of base64, or an empty text for <c>default</c>.
    /// <see cref="Parse"/> turns it back, in this process or another, so that ownership can be handed over.
    /// </summary>
    public string Value
    {
        get
        {
            if (IsDefault)
            {
                return string.Empty;
            }

            Span<byte> value = stackalloc byte[ValueBytes];
            WriteValue(value);
            return Encoding.ASCII.GetString(value);
        }
    }

    /// <summary>Whether both name the same owner.</summary>
    /// <param name="left">A token.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(LockToken left, LockToken right) => left.Equals(right);

    /// <summary>Whether both name different owners.</summary>
    /// <param name="left">A token.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(LockToken left, LockToken right) => !left.Equals(right);

    /// <summary>
    /// Call it with the text that another process sent: makes a token of another one's <see cref="Text"/>, or of its <see cref="Value"/>
    /// alone.
    /// </summary>
    /// <param name="value">24 characters of base64, with or without a full stop and 19 digits behind them.</param>
    /// <returns>A token that can release and extend. It knows no deadline; extending gives a token that does.</returns>
    /// <exception cref="FormatException">The text is not the value of a token.</exception>
    /// <example>
    /// <code>
    /// LockToken taken = LockToken.Parse(text);
    /// await using LockHandle mine = elsewhere.Attach(taken);
    /// mine.KeepAlive(RenewOptions.Every(1.0 / 3, maxHoldTime: TimeSpan.FromMinutes(10)));
    /// </code>
    /// </example>
    public static LockToken Parse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryParse(value, out LockToken token)
            ? token
            : throw new FormatException(
                $"The text of a lock token is {OwnerIdBytes} bytes as base64 ({ValueBytes} characters), and not all zero; if it is "
                + "fenced, a full stop and 19 digits follow.");
    }

    /// <summary>Makes a token of another one's <see cref="Text"/>, or of its <see cref="Value"/> alone.</summary>
    /// <param name="value">24 characters of base64, with or without a full stop and 19 digits behind them.</param>
    /// <param name="token">The token, or <c>default</c>.</param>
    /// <returns>Whether the text was the value of a token.</returns>
    public static bool TryParse([NotNullWhen(true)] string? value, out LockToken token)
    {
        Span<byte> ownerId = stackalloc byte[OwnerIdBytes];
        ReadOnlySpan<char> owner = FencingNumber.Split(value, out long number);
        bool valid = owner.Length == ValueBytes
            && Convert.TryFromBase64Chars(owner, ownerId, out int written)
            && written == OwnerIdBytes;
        token = valid ? new LockToken(ownerId).Fenced(number) : default;

        // Base64 can be written in several ways; only one of them is what stands under the key.
        if (token.Text != value)
        {
            token = default;
        }

        return !token.IsDefault;
    }

    static LockToken IParsable<LockToken>.Parse(string value, IFormatProvider? provider) => Parse(value);

    static bool IParsable<LockToken>.TryParse([NotNullWhen(true)] string? value, IFormatProvider? provider, out LockToken token) =>
        TryParse(value, out token);

    /// <inheritdoc/>
    public bool Equals(LockToken other) =>
        _valueStart == other._valueStart && _valueMiddle == other._valueMiddle && _valueEnd == other._valueEnd;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LockToken other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_valueStart, _valueMiddle, _valueEnd);

    /// <summary>The text, or <c>not held</c>.</summary>
    public override string ToString() => IsDefault ? "not held" : Text;

    /// <summary>
    /// When the lock stops being reliable: a timestamp of the clock of the factory that gave the token.
    /// 0 for a token made from text, which knows its owner id only.
    /// </summary>
    internal long DeadlineTicks { get; }

    /// <summary>Writes the 24 bytes that stand on the wire and under the key.</summary>
    internal void WriteValue(Span<byte> target)
    {
        MemoryMarshal.Write(target, _valueStart);
        MemoryMarshal.Write(target[WordBytes..], _valueMiddle);
        MemoryMarshal.Write(target[(2 * WordBytes)..], _valueEnd);
    }

    /// <summary>Whether a copy of it, or this, was released or detached. Not known of a token made from text.</summary>
    internal bool IsGivenUp => _holding is { } holding && holding.IsOver(_use);

    /// <summary>Whether the lock goes on under another token.</summary>
    internal bool IsDetached => _holding is { } holding && holding.IsDetached(_use);

    /// <summary>Whether its copies know of each other.</summary>
    internal bool HasHolding => _holding is not null;

    /// <summary>
    /// The same owner with the newest deadline that a copy was given; <c>default</c> if it is known to be lost or given up.
    /// </summary>
    /// <exception cref="ArgumentException">It is of another name.</exception>
    internal LockToken Newest(MutexDefinition mutex)
    {
        long deadlineTicks = DeadlineTicks;
        return _holding is { } holding && !holding.TryGetDeadline(mutex, _use, out deadlineTicks) ? default
            : deadlineTicks > DeadlineTicks ? Until(deadlineTicks)
            : this;
    }

    /// <summary>Gives all copies the deadline of this one, unless theirs is later or the lock is lost or given up.</summary>
    internal void ExtendCopies() => _holding?.Extend(_use, DeadlineTicks);

    /// <summary>The same, for an extension of a lock that nobody keeps.</summary>
    /// <returns>False if it is lost or given up. Of one made from text nothing is known.</returns>
    internal bool TryExtendCopies(MutexDefinition mutex) => _holding is not { } holding || holding.TryExtend(mutex, _use, DeadlineTicks);

    /// <summary>All copies are lost from now on.</summary>
    internal void Lose() => _holding?.Lose(_use);

    /// <summary>All copies are given up from now on.</summary>
    /// <returns>The same owner with the newest deadline known, and what may be told of the release.</returns>
    /// <exception cref="ArgumentException">It is of another name.</exception>
    internal Surrender Release(MutexDefinition mutex) =>
        _holding?.Release(mutex, _use, this) ?? Surrender.OfUnknown(mutex, this);

    /// <summary>All copies are given up from now on, and the lock goes on under another token.</summary>
    /// <param name="mutex">Of whoever goes on with it.</param>
    /// <param name="newest">The same owner with the newest deadline known.</param>
    /// <returns>False if they are given up already.</returns>
    /// <exception cref="ArgumentException">It is of another name.</exception>
    internal bool TryDetach(MutexDefinition mutex, out LockToken newest)
    {
        long deadlineTicks = DeadlineTicks;
        bool isDetached = _holding is not { } holding || holding.TryDetach(mutex, _use, ref deadlineTicks);
        newest = Until(deadlineTicks);
        return isDetached;
    }

    /// <summary>The same owner with another deadline.</summary>
    internal LockToken Until(long deadlineTicks) => new(this, deadlineTicks, _holding, _use, _unaskedNodes);

    /// <summary>
    /// The same owner and deadline, as the first token of a new holding, remembering which nodes were never sent the owner id.
    /// </summary>
    /// <param name="holding">In nobody's hands yet.</param>
    /// <param name="mutex">Whose lock it is.</param>
    /// <param name="unaskedNodes">A bit for each node of the holding's factory.</param>
    /// <param name="successions">How often in a row the lock was handed on within its process.</param>
    internal LockToken HeldBy(Holding holding, MutexDefinition mutex, uint unaskedNodes, int successions = Surrender.SuccessionsUnknown) =>
        new(this, DeadlineTicks, holding, holding.Begin(mutex, DeadlineTicks, successions), unaskedNodes);

    /// <summary>
    /// A bit for each node of the factory on which there is nothing to extend or release:
    /// else every cycle would leave a useless release in the queue of a node that has stopped.
    /// </summary>
    /// <param name="factory">The number of the one that asks; another one's nodes may stand in another order.</param>
    internal uint UnaskedNodes(int factory) => _holding?.Factory == factory ? _unaskedNodes & ~_holding.Reached(_use) : 0;
}
