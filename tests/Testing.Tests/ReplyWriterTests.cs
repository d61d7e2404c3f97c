using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests.Testing;

public class ReplyWriterTests
{
    [Fact]
    public void Lines()
    {
        Writes("+\r\n", output => ReplyWriter.WriteSimpleString(output, ""));
        Writes("+OK\r\n", output => ReplyWriter.WriteSimpleString(output, "OK"));
        Writes("-ERR n\xc3\xb6\r\n", output => ReplyWriter.WriteError(output, "ERR nö"));
    }

    [Theory]
    [InlineData(0, ":0\r\n")]
    [InlineData(-1, ":-1\r\n")]
    [InlineData(long.MaxValue, ":9223372036854775807\r\n")]
    [InlineData(long.MinValue, ":-9223372036854775808\r\n")]
    public void Integer(long value, string expected) => Writes(expected, output => ReplyWriter.WriteInteger(output, value));

    [Fact]
    public void Nulls()
    {
        Writes("$-1\r\n", ReplyWriter.WriteNullBulkString);
        Writes("*-1\r\n", ReplyWriter.WriteNullArray);
    }

    [Theory]
    [InlineData("\r")]
    [InlineData("a\n")]
    [InlineData("OK\r\n:1")]
    public void Line_breaks_in_lines_are_refused(string text)
    {
        Refuses(output => ReplyWriter.WriteSimpleString(output, text));
        Refuses(output => ReplyWriter.WriteError(output, text));
    }

    [Fact]
    public void Unpaired_surrogates_are_refused()
    {
        // As arguments of an attribute they would be replaced before they get here.
        string[] texts = ["\ud83d", "a\udd12", "\udd12\ud83d"];
        foreach (string text in texts)
        {
            Refuses(output => ReplyWriter.WriteSimpleString(output, text));
            Refuses(output => ReplyWriter.WriteError(output, text));
        }
    }

    [Fact]
    public void Default_value_is_refused() => Refuses(output => ReplyWriter.WriteValue(output, default));

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("-ERR \xff\xfe\r\n")]
    [InlineData(":-7\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("$3\r\n\0\r\n\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("*3\r\n*1\r\n:1\r\n$0\r\n\r\n*-1\r\n")]
    public void A_value_is_written_as_it_was_read(string payload)
    {
        RespReader reader = new();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(Encoding.Latin1.GetBytes(payload), out RespReply reply, out _));
        RespValue value = reply.ToValue();
        Writes(payload, output => ReplyWriter.WriteValue(output, value));
    }

    private static void Writes(string expected, Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new();
        write(output);
        Assert.Equal(expected, Encoding.Latin1.GetString(output.WrittenSpan));
    }

    private static void Refuses(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new();
        Assert.ThrowsAny<ArgumentException>(() => write(output));
        Assert.Equal(0, output.WrittenCount);
    }
}
