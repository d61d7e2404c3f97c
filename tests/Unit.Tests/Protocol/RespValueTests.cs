using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RespValueTests
{
    [Fact]
    public void Default_is_nothing()
    {
        RespValue value = default(RespValue);
        Assert.Equal(RespType.None, value.Type);
        Assert.False(value.IsNull);
        Assert.False(value.IsError);
        Assert.Empty(value.Items);
        Assert.Null(value.AsString());
        Assert.Equal("nothing", value.ToString());
    }

    [Fact]
    public void As_string()
    {
        Assert.Equal("é", RespValue.SimpleString("é").AsString());
        Assert.Equal("ERR no", RespValue.Error("ERR no").AsString());
        Assert.Equal("-12", RespValue.FromInteger(-12).AsString());
        Assert.Equal("foo", RespValue.BulkString("foo"u8).AsString());
        Assert.Equal("", RespValue.BulkString("").AsString());
        Assert.Equal("\ufffd", RespValue.BulkString([0xff]).AsString());
        Assert.Null(RespValue.Null.AsString());
        Assert.Null(RespValue.NullArray.AsString());
        Assert.Null(RespValue.Array(RespValue.FromInteger(1)).AsString());
    }

    [Fact]
    public void Integer_is_that_of_an_integer_and_of_nothing_else()
    {
        Assert.Equal(-12, RespValue.FromInteger(-12).Integer);
        Assert.Equal(0, RespValue.Null.Integer);
        Assert.Equal(0, RespValue.NullArray.Integer);
        Assert.Equal(0, RespValue.BulkString("7").Integer);
    }

    [Fact]
    public void Equal_only_if_the_same_on_the_wire()
    {
        RespValue[] distinct =
        [
            default, RespValue.Null, RespValue.NullArray,
            RespValue.BulkString(""), RespValue.Array(), RespValue.SimpleString(""), RespValue.Error(""),
            RespValue.BulkString("a"), RespValue.BulkString("b"), RespValue.SimpleString("a"), RespValue.Error("a"),
            RespValue.FromInteger(0), RespValue.FromInteger(1), RespValue.FromInteger(-1), RespValue.BulkString("0"),
            RespValue.Array(RespValue.Null), RespValue.Array(RespValue.Null, RespValue.Null),
            RespValue.Array(RespValue.Array(RespValue.Null)),
        ];
        for (int left = 0; left < distinct.Length; left++)
        {
            for (int right = 0; right < distinct.Length; right++)
            {
                Assert.Equal(left == right, distinct[left] == distinct[right]);
                Assert.Equal(left != right, distinct[left] != distinct[right]);
                Assert.Equal(left == right, distinct[left].Equals((object)distinct[right]));
            }
        }

        // That two of so few share a hash by chance is as good as impossible; but -1, a null's length too, hashes as 0 does.
        RespValue[] apart = [.. distinct.Where(value => !value.IsNull && value.Integer >= 0)];
        Assert.Equal(apart.Length, apart.Select(value => value.GetHashCode()).Distinct().Count());

        RespValue one = RespValue.Array(RespValue.BulkString("a"), RespValue.Array(RespValue.FromInteger(1)));
        RespValue other = RespValue.Array(RespValue.BulkString("a"u8), RespValue.Array(RespValue.FromInteger(1)));
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.False(one.Equals("a"));
    }

    [Fact]
    public void Owns_its_bytes_and_items()
    {
        byte[] bytes = [(byte)'a'];
        RespValue[] items = [RespValue.BulkString(bytes)];
        RespValue array = RespValue.Array(items);
        bytes[0] = (byte)'b';
        items[0] = RespValue.Null;
        Assert.Equal("a", array.Items[0].AsString());
    }

    [Fact]
    public void Shows_itself_to_a_person()
    {
        RespValue value = RespValue.Array(
            RespValue.SimpleString("OK"), RespValue.Error("ERR no"), RespValue.FromInteger(-1), RespValue.BulkString("a\r\n\"b"),
            RespValue.Null, RespValue.NullArray, RespValue.Array());
        Assert.Equal("""[+"OK", -"ERR no", :-1, "a\r\n\"b", null, null array, []]""", value.ToString());

        RespValue[] many = new RespValue[20];
        Array.Fill(many, RespValue.FromInteger(1));
        string sixteen = string.Join(", ", Enumerable.Repeat(":1", 16));
        Assert.Equal($"[{sixteen}, and 4 more]", RespValue.Array(many).ToString());
        Assert.Equal($"[{sixteen}]", RespValue.Array(many.AsSpan(0, 16)).ToString());
    }

    [Theory]
    [InlineData("a\r", 1)]
    [InlineData("a\nb", 1)]
    [InlineData("\n", 0)]
    public void Lines_are_checked_when_made(string text, int character)
    {
        foreach (Func<object> make in (Func<object>[])[() => RespValue.SimpleString(text), () => RespValue.Error(text)])
        {
            ArgumentException refusal = Assert.ThrowsAny<ArgumentException>(make);
            Assert.Contains($"character {character} of this one is CR or LF", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Text_that_is_null_is_refused_by_name()
    {
        Assert.Equal("text", Assert.Throws<ArgumentNullException>(() => RespValue.SimpleString(null!)).ParamName);
        Assert.Equal("text", Assert.Throws<ArgumentNullException>(() => RespValue.Error(null!)).ParamName);
        Assert.Equal("text", Assert.Throws<ArgumentNullException>(() => RespValue.BulkString((string)null!)).ParamName);
    }

    [Fact]
    public void Bulk_string_of_text_takes_line_breaks_and_no_unpaired_surrogate()
    {
        Assert.Equal("a\r\n", RespValue.BulkString("a\r\n").AsString());
        Assert.ThrowsAny<ArgumentException>(() => RespValue.BulkString("a\udc00"));
        Assert.ThrowsAny<ArgumentException>(() => RespValue.SimpleString("\ud800"));
        Assert.ThrowsAny<ArgumentException>(() => RespValue.Error("\ud800"));
    }
}
