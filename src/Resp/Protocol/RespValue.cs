using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>A RESP value that owns its bytes; two are equal if they are the same on the wire.</summary>
public readonly struct RespValue : IEquatable<RespValue>
{
    private readonly long _integer;
    private readonly RespValue[]? _items;

    private RespValue(RespType type, long integer = 0, ReadOnlyMemory<byte> bytes = default, RespValue[]? items = null)
    {
        Type = type;
        _integer = integer;
        Bytes = bytes;
        _items = items;
    }

    /// <summary>The null bulk string, <c>$-1\r\n</c>.</summary>
    public static RespValue Null { get; } = new(RespType.BulkString, integer: -1);

    /// <summary>The null array, <c>*-1\r\n</c>.</summary>
    public static RespValue NullArray { get; } = new(RespType.Array, integer: -1);

    /// <summary>What the value is; <see cref="RespType.None"/> for <c>default</c>.</summary>
    public RespType Type { get; }

    /// <summary>True for <see cref="Null"/> and <see cref="NullArray"/>.</summary>
    public bool IsNull => _integer < 0 && Type != RespType.Integer;

    /// <summary>True for an error.</summary>
    public bool IsError => Type == RespType.Error;

    /// <summary>An integer's value; 0 for every other type.</summary>
    public long Integer => Type == RespType.Integer ? _integer : 0;

    /// <summary>The payload of a simple string, error or bulk string; empty for null and every other type.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>An array's items; empty for a null array and every other type.</summary>
    public IReadOnlyList<RespValue> Items => _items ?? [];

    /// <summary>Makes a simple string.</summary>
    /// <param name="text">Its text, without CR and LF.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">CR, LF or an unpaired surrogate is in the text.</exception>
    public static RespValue SimpleString(string text) => new(RespType.SimpleString, bytes: RespText.EncodeLine(text));

    /// <summary>Makes an error.</summary>
    /// <param name="text">Its code and text, as in <c>ERR unknown command</c>, without CR and LF.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">CR, LF or an unpaired surrogate is in the text.</exception>
    public static RespValue Error(string text) => new(RespType.Error, bytes: RespText.EncodeLine(text));

    /// <summary>Makes an integer.</summary>
    /// <param name="value">Its value.</param>
    /// <returns>The value.</returns>
    public static RespValue FromInteger(long value) => new(RespType.Integer, integer: value);

    /// <summary>Makes a bulk string of a copy of the bytes.</summary>
    /// <param name="bytes">Its payload, any bytes.</param>
    /// <returns>The value.</returns>
    public static RespValue BulkString(ReadOnlySpan<byte> bytes) => new(RespType.BulkString, bytes: bytes.ToArray());

    /// <summary>Makes a bulk string of a text, in UTF-8.</summary>
    /// <param name="text">Its text.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">An unpaired surrogate is in the text.</exception>
    public static RespValue BulkString(string text) => new(RespType.BulkString, bytes: RespText.Encode(text));

    /// <summary>Makes an array of a copy of the items.</summary>
    /// <param name="items">Its items; none of them <c>default</c> if it is to be written.</param>
    /// <returns>The value.</returns>
    public static RespValue Array(params ReadOnlySpan<RespValue> items) => new(RespType.Array, items: items.ToArray());

    /// <summary>Compares two values.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True if they are the same on the wire.</returns>
    public static bool operator ==(RespValue left, RespValue right) => left.Equals(right);

    /// <summary>Compares two values.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>False if they are the same on the wire.</returns>
    public static bool operator !=(RespValue left, RespValue right) => !left.Equals(right);

    /// <summary>The value as text: a string or error decoded from UTF-8, an integer in digits.</summary>
    /// <returns>The text, in which bytes that are not UTF-8 show as U+FFFD; null for null, for an array and for <c>default</c>.</returns>
    public string? AsString() => Type switch
    {
        RespType.Integer => _integer.ToString(CultureInfo.InvariantCulture),
        RespType.SimpleString or RespType.Error => Encoding.UTF8.GetString(Bytes.Span),
        RespType.BulkString when !IsNull => Encoding.UTF8.GetString(Bytes.Span),
        _ => null,
    };

    /// <inheritdoc/>
    public bool Equals(RespValue other) =>
        Type == other.Type
        && _integer == other._integer
        && Bytes.Span.SequenceEqual(other.Bytes.Span)
        && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RespValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default(HashCode);
        hash.Add(Type);
        hash.Add(_integer);
        hash.AddBytes(Bytes.Span);
        foreach (RespValue item in _items.AsSpan())
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    /// <summary>Shows the value to a person: type by its wire character, bytes escaped, long strings and arrays cut.</summary>
    /// <returns>As in <c>[:1, "foo", null, -"ERR no"]</c>.</returns>
    public override string ToString()
    {
        StringBuilder text = new();
        Show(text);
        return text.ToString();
    }

    internal static RespValue Copy(RespReply reply)
    {
        if (reply.IsNull)
        {
            return reply.Type == RespType.Array ? NullArray : Null;
        }

        if (reply.Type != RespType.Array)
        {
            return new(reply.Type, reply.Integer, reply.Bytes.ToArray());
        }

        // All the items are in memory already, so their count is no longer only a promise.
        RespValue[] items = new RespValue[reply.Count];
        int index = 0;
        foreach (RespReply item in reply)
        {
            items[index++] = Copy(item);
        }

        return new(RespType.Array, items: items);
    }

    private void Show(StringBuilder text)
    {
        const int MostItems = 16;
        switch (Type)
        {
            case RespType.None:
                text.Append("nothing");
                return;
            case var _ when IsNull:
                text.Append(Type == RespType.Array ? "null array" : "null");
                return;
            case RespType.Integer:
                text.Append(CultureInfo.InvariantCulture, $":{_integer}");
                return;
            case RespType.SimpleString or RespType.Error:
                text.Append((char)Type);
                ServerText.AppendQuoted(text, Bytes.Span);
                return;
            case RespType.BulkString:
                ServerText.AppendQuoted(text, Bytes.Span);
                return;
        }

        text.Append('[');
        for (int index = 0; index < Items.Count && index < MostItems; index++)
        {
            if (index > 0)
            {
                text.Append(", ");
            }

            _items![index].Show(text);
        }

        if (Items.Count > MostItems)
        {
            text.Append(CultureInfo.InvariantCulture, $", and {Items.Count - MostItems} more");
        }

        text.Append(']');
    }
}
