using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RespReplyTests
{
    [Fact]
    public void Default_is_nothing()
    {
        RespReply reply = default(RespReply);
        Assert.Equal(RespType.None, reply.Type);
        Assert.False(reply.IsNull);
        Assert.Equal(0, reply.Count);
        Assert.False(reply.GetEnumerator().MoveNext());
        Assert.Equal(default, reply.ToValue());
    }

    [Theory]
    [InlineData(":-1\r\n", RespType.Integer, false, -1, 0, 0)]
    [InlineData(":5\r\n", RespType.Integer, false, 5, 0, 0)]
    [InlineData("+OK\r\n", RespType.SimpleString, false, 0, 2, 0)]
    [InlineData("-ERR\r\n", RespType.Error, false, 0, 3, 0)]
    [InlineData("$3\r\nfoo\r\n", RespType.BulkString, false, 0, 3, 0)]
    [InlineData("$0\r\n\r\n", RespType.BulkString, false, 0, 0, 0)]
    [InlineData("$-1\r\n", RespType.BulkString, true, 0, 0, 0)]
    [InlineData("*-1\r\n", RespType.Array, true, 0, 0, 0)]
    [InlineData("*0\r\n", RespType.Array, false, 0, 0, 0)]
    [InlineData("*2\r\n:1\r\n:2\r\n", RespType.Array, false, 0, 0, 2)]
    public void Shows_only_what_its_type_has(string payload, RespType type, bool isNull, long integer, int bytes, int count)
    {
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(Reading.Bytes(payload).AsSpan(), out RespReply reply, out _));
        Assert.Equal(type, reply.Type);
        Assert.Equal(isNull, reply.IsNull);
        Assert.Equal(integer, reply.Integer);
        Assert.Equal(bytes, reply.Bytes.Length);
        Assert.Equal(count, reply.Count);
    }

    [Fact]
    public void Enumerates_items_and_what_is_nested_in_them()
    {
        RespReader reader = new RespReader();
        ReadOnlySpan<byte> bytes = "*4\r\n*2\r\n:1\r\n*2\r\n:2\r\n*0\r\n$2\r\nab\r\n*-1\r\n*1\r\n+c\r\n+behind\r\n"u8;
        Assert.Equal(RespReadStatus.Done, reader.TryRead(bytes, out RespReply reply, out _));

        RespReply.Enumerator items = reply.GetEnumerator();
        Assert.True(items.MoveNext());
        Assert.Equal(2, items.Current.Count);
        RespReply.Enumerator nested = items.Current.GetEnumerator();
        Assert.True(nested.MoveNext());
        Assert.Equal(1, nested.Current.Integer);
        Assert.True(nested.MoveNext());
        RespReply.Enumerator deepest = nested.Current.GetEnumerator();
        Assert.True(deepest.MoveNext());
        Assert.Equal(2, deepest.Current.Integer);
        Assert.True(deepest.MoveNext());
        Assert.Equal(RespType.Array, deepest.Current.Type);
        Assert.False(deepest.MoveNext());
        Assert.False(nested.MoveNext());

        Assert.True(items.MoveNext());
        Assert.True(items.Current.Bytes.SequenceEqual("ab"u8));
        Assert.True(items.MoveNext());
        Assert.True(items.Current.IsNull);
        Assert.True(items.MoveNext());
        Assert.Equal(1, items.Current.Count);
        Assert.False(items.MoveNext());
        Assert.Equal(RespType.None, items.Current.Type);
        Assert.False(items.MoveNext());
    }

    [Fact]
    public void Foreach_works()
    {
        RespReader reader = new RespReader();
        reader.TryRead("*3\r\n:1\r\n:2\r\n:3\r\n"u8, out RespReply reply, out _);
        long sum = 0;
        foreach (RespReply item in reply)
        {
            sum = (sum * 10) + item.Integer;
        }

        Assert.Equal(123, sum);
    }

    [Fact]
    public void Bytes_that_changed_under_a_reply_are_reported()
    {
        byte[] bytes = Reading.Bytes("*1\r\n:1\r\n");
        RespReader reader = new RespReader();
        reader.TryRead(bytes.AsSpan(), out RespReply reply, out _);
        bytes[4] = (byte)'?';
        RespReply.Enumerator items = reply.GetEnumerator();
        try
        {
            items.MoveNext();
            Assert.Fail("The change went unseen.");
        }
        catch (InvalidOperationException exception)
        {
            Assert.Contains("buffer was released", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Value_outlives_the_buffer()
    {
        byte[] bytes = Reading.Bytes("*2\r\n$3\r\nfoo\r\n+OK\r\n");
        RespReader reader = new RespReader();
        reader.TryRead(bytes.AsSpan(), out RespReply reply, out _);
        RespValue value = reply.ToValue();
        Array.Clear(bytes);
        Assert.Equal(RespValue.Array(RespValue.BulkString("foo"), RespValue.SimpleString("OK")), value);
    }
}
