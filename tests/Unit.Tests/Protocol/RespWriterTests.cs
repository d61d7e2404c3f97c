using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RespWriterTests
{
    [Fact]
    public void Command() => Writes(
        "*5\r\n$3\r\nSET\r\n$8\r\nk\xc3\xa9y\xf0\x9f\x94\x92\r\n$0\r\n\r\n$2\r\nPX\r\n$4\r\n8000\r\n",
        output => RespWriter.WriteCommand(output, "SET", "kéy🔒", "", "PX", "8000"));

    [Fact]
    public void Command_that_is_refused_leaves_no_byte()
    {
        ArrayBufferWriter<byte> output = new ArrayBufferWriter<byte>();
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => RespWriter.WriteCommand(output));
        Assert.StartsWith("A command has at least its name.", refusal.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => RespWriter.WriteCommand(output, "GET", "a\ud800b"));
        Assert.Throws<ArgumentNullException>(() => RespWriter.WriteCommand(output, "GET", null!));
        Assert.Throws<ArgumentNullException>(() => RespWriter.WriteCommand(null!, "PING"));
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData(0, "*0\r\n")]
    [InlineData(7, "*7\r\n")]
    [InlineData(int.MaxValue, "*2147483647\r\n")]
    public void Array_header(int count, string expected) => Writes(expected, output => RespWriter.WriteArrayHeader(output, count));

    [Fact]
    public void Bulk_string_of_bytes()
    {
        Writes("$0\r\n\r\n", output => RespWriter.WriteBulkString(output, ""u8));
        Writes("$4\r\n\0\r\n\xff\r\n", output => RespWriter.WriteBulkString(output, [0, (byte)'\r', (byte)'\n', 0xff]));
        Writes("$12\r\nhello, world\r\n", output => RespWriter.WriteBulkString(output, "hello, world"u8));
    }

    [Fact]
    public void Bulk_string_of_text()
    {
        Writes("$0\r\n\r\n", output => RespWriter.WriteBulkString(output, ""));
        Writes("$4\r\na\r\nb\r\n", output => RespWriter.WriteBulkString(output, "a\r\nb"));
        Writes("$2\r\n\xc3\xa9\r\n", output => RespWriter.WriteBulkString(output, "é"));
    }

    [Theory]
    [InlineData(0, "$1\r\n0\r\n")]
    [InlineData(-1, "$2\r\n-1\r\n")]
    [InlineData(1234567890, "$10\r\n1234567890\r\n")]
    [InlineData(long.MinValue, "$20\r\n-9223372036854775808\r\n")]
    public void Bulk_string_of_a_number(long value, string expected) =>
        Writes(expected, output => RespWriter.WriteBulkString(output, value));

    [Fact]
    public void Unpaired_surrogates_are_refused()
    {
        // As arguments of an attribute they would be replaced before they get here.
        string[] texts = ["\ud83d", "a\udd12", "\udd12\ud83d"];
        foreach (string text in texts)
        {
            Refuses(output => RespWriter.WriteBulkString(output, text));
        }
    }

    [Fact]
    public void Negative_count_is_refused()
    {
        Refuses(output => RespWriter.WriteArrayHeader(output, -1));
    }

    [Fact]
    public void Nowhere_to_write_is_refused_by_name()
    {
        Action[] writes =
        [
            () => RespWriter.WriteCommand(null!, "PING"),
            () => RespWriter.WriteArrayHeader(null!, 1),
            () => RespWriter.WriteBulkString(null!, "PING"u8),
            () => RespWriter.WriteBulkString(null!, "PING"),
            () => RespWriter.WriteBulkString(null!, 1),
        ];
        Assert.All(writes, write => Assert.Throws<ArgumentNullException>("output", write));
    }

    [Fact]
    public void Each_element_fits_the_room_that_it_asks_for()
    {
        string text = new('é', 1000);
        ExactWriter output = new ExactWriter();
        RespWriter.WriteCommand(output, "SET", text);
        RespWriter.WriteBulkString(output, Encoding.UTF8.GetBytes(text));
        RespWriter.WriteBulkString(output, long.MinValue);
        string bulk = $"$2000\r\n{text}\r\n";
        Assert.Equal($"*2\r\n$3\r\nSET\r\n{bulk}{bulk}$20\r\n{long.MinValue}\r\n", Encoding.UTF8.GetString([.. output.Written]));
    }

    [Fact]
    public void Each_element_is_one_span_and_one_advance()
    {
        CountingWriter output = new CountingWriter();
        RespWriter.WriteCommand(output, "SET", "name", "value");
        Assert.Equal(4, output.Spans);
        Assert.Equal(4, output.Advances);
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        ArrayBufferWriter<byte> output = new ArrayBufferWriter<byte>(1 << 20);
        Write();
        const int rounds = 10_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < rounds; round++)
        {
            Write();
        }

        // The runtime takes some now and then; an object a round would be more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, rounds);

        void Write()
        {
            output.ResetWrittenCount();
            RespWriter.WriteCommand(output, "SET", "é", "value");
            RespWriter.WriteBulkString(output, 12345);
        }
    }

    private static void Writes(string expected, Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new ArrayBufferWriter<byte>();
        write(output);
        Assert.Equal(expected, Encoding.Latin1.GetString(output.WrittenSpan));
    }

    private static void Refuses(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new ArrayBufferWriter<byte>();
        Assert.ThrowsAny<ArgumentException>(() => write(output));
        Assert.Equal(0, output.WrittenCount);
    }

    private sealed class CountingWriter : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[256];

        internal int Spans { get; private set; }

        internal int Advances { get; private set; }

        public void Advance(int count) => Advances++;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes;

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            Spans++;
            return _bytes;
        }
    }
    // Gives not a byte more than what it is asked for.
    private sealed class ExactWriter : IBufferWriter<byte>
    {
        private byte[] _given = [];

        internal List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_given.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _given = new byte[sizeHint];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
