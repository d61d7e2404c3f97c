using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RespReaderTests
{
    [Fact]
    public void Default_reader_reads_with_default_limits()
    {
        RespReader reader = default(RespReader);
        Assert.Equal(RespReadStatus.Done, reader.TryRead("+OK\r\n"u8, out RespReply reply, out int consumed));
        Assert.True(reply.Bytes.SequenceEqual("OK"u8));
        Assert.Equal(5, consumed);
    }

    [Theory]
    [InlineData("+O\nK\r\n")]
    [InlineData("*2\r\n:1\r\n:x\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    public void Fault_is_for_good(string payload)
    {
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.Invalid, reader.TryRead(Reading.Bytes(payload).AsSpan(), out _, out _));
        string? fault = reader.Fault;
        Assert.NotNull(fault);

        Assert.Equal(RespReadStatus.Invalid, reader.TryRead("+OK\r\n"u8, out _, out _));
        Assert.Equal(RespReadStatus.Invalid, reader.TryRead(default(ReadOnlySpan<byte>), out _, out _));
        ReadOnlySequence<byte> sequence = Segments.OfOneByteEach(Reading.Bytes("+OK\r\n"));
        Assert.Equal(RespReadStatus.Invalid, reader.TryRead(sequence, out RespReply reply, out long consumed));
        Assert.Equal(RespType.None, reply.Type);
        Assert.Equal(0, consumed);
        Assert.Same(fault, reader.Fault);
    }

    [Theory]
    [InlineData("_\r\n", "RESP3")]
    [InlineData(">2\r\n", "RESP3 is not spoken")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "\"HTTP/1.1 400 Bad Request\\r\\n\"")]
    [InlineData("\x15\x03\x03\0\x02\x02\x46", "\"\\x15\\x03\\x03\\x00\\x02\\x02F\"")]
    [InlineData("\x15\x03\x03\0\x02\x02\x46", "TLS")]
    [InlineData("+a\n", "LF without CR: \"+a\\n\"")]
    [InlineData("+a\rb", "not followed by LF")]
    [InlineData(":+1\r\n", "\":+1\\r\\n\"")]
    [InlineData(":9223372036854775808\r\n", "64 bits")]
    [InlineData("$-2\r\n", "\"$-2\\r\\n\"")]
    [InlineData("$2\r\nabc\r\n", "length was wrong: \"$2\\r\\n\"")]
    [InlineData("*2147483648\r\n", "more items")]
    [InlineData("*2147483647\r\n", "MaxFrameBytes")]
    [InlineData("*-2", "stands for null: \"*-2\"")]
    [InlineData("*-2x", "negative")]
    [InlineData("$-2x", "negative")]
    [InlineData("\x15\x03\n\0\x02\x02\x46", "\"\\x15\\x03\\n\\x00\\x02\\x02F\"")]
    public void Fault_says_what_came(string payload, string expected)
    {
        RespReader reader = new RespReader();
        reader.TryRead(Reading.Bytes(payload).AsSpan(), out _, out _);
        Assert.Contains(expected, reader.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-WRONGPASS hunter2\n")]
    [InlineData("-WRONGPASS hunter2\rx")]
    [InlineData("$7\r\nhunter2x\r\n")]
    [InlineData(":x\r\n-WRONGPASS hunter2\r\n")]
    public void Fault_shows_no_payload_and_no_text_of_an_error(string payload)
    {
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.Invalid, reader.TryRead(Reading.Bytes(payload).AsSpan(), out _, out _));
        Assert.DoesNotContain("hunter2", reader.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Excerpt_is_cut()
    {
        RespReader reader = new RespReader();
        reader.TryRead(Reading.Bytes(new string('x', 1048)).AsSpan(), out _, out _);
        Assert.EndsWith("x\" and 1000 bytes more", reader.Fault, StringComparison.Ordinal);
        Assert.InRange(reader.Fault!.Length, 1, 250);
    }

    [Fact]
    public void Elements_already_checked_are_not_read_again()
    {
        byte[] bytes = Reading.Bytes("*3\r\n+a\r\n+b\r\n+c\r\n");
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.NeedMore, reader.TryRead(bytes.AsSpan(0, 12), out _, out _));

        // Breaking what was checked goes unseen exactly because it isn't looked at again.
        bytes[5] = (byte)'\n';
        Assert.Equal(RespReadStatus.Done, reader.TryRead(bytes, out _, out int consumed));
        Assert.Equal(bytes.Length, consumed);
    }

    [Fact]
    public void Bytes_of_a_frame_that_spans_segments_are_copied_once()
    {
        byte[] bytes = Reading.Bytes("$6\r\nabcdef\r\n");
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.NeedMore, reader.TryRead(Segments.CutAt(bytes[..8], 6), out _, out _));
        bytes[5] = (byte)'X';
        Assert.Equal(RespReadStatus.Done, reader.TryRead(Segments.CutAt(bytes, 8), out RespReply reply, out _));
        Assert.True(reply.Bytes.SequenceEqual("abcdef"u8));
    }

    [Fact]
    public void Large_frame_over_many_segments_is_read()
    {
        byte[] payload = new byte[900_000];
        new Random(1).NextBytes(payload);
        ArrayBufferWriter<byte> output = new ArrayBufferWriter<byte>();
        RespWriter.WriteArrayHeader(output, 2);
        RespWriter.WriteBulkString(output, payload);
        RespWriter.WriteBulkString(output, payload);
        byte[] frame = output.WrittenSpan.ToArray();
        output.Write("+OK\r\n"u8);
        byte[] bytes = output.WrittenSpan.ToArray();
        int[] cuts = [1, 5, 100, 5000, 100_000, 900_003, 900_004, 1_700_000];

        RespReader reader = new RespReader();
        Reading reading = Reading.OfSequence(ref reader, Segments.CutAt(bytes, cuts));
        RespValue value = RespValue.Array(RespValue.BulkString(payload), RespValue.BulkString(payload));
        Assert.Equal(new Reading(RespReadStatus.Done, value, frame.Length), reading);
        Assert.Equal(RespValue.SimpleString("OK"), Reading.OfSequence(ref reader, Segments.CutAt(bytes[frame.Length..], 2)).Value);
    }

    [Fact]
    public void Large_frame_that_arrives_in_parts_is_read()
    {
        byte[] bytes = Reading.Bytes($"$200000\r\n{new string('x', 199_999)}y\r\n");
        RespReader reader = new RespReader();
        foreach (int arrived in (int[])[70_000, 150_000, 200_000])
        {
            ReadOnlySequence<byte> part = Segments.CutAt(bytes[..arrived], 50_000, arrived - 10_000);
            Assert.Equal(RespReadStatus.NeedMore, reader.TryRead(part, out _, out _));
        }

        Assert.Equal(RespReadStatus.Done, reader.TryRead(Segments.CutAt(bytes, 50_000), out RespReply reply, out long consumed));
        Assert.Equal(bytes.Length, consumed);
        Assert.True(reply.Bytes.SequenceEqual(bytes.AsSpan(9, 200_000)));
    }

    // A copy that is kept serves the next frame; one that was given back is made anew. From this cut it doubles to just 64 KiB.
    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData((64 * 1024) + 1, false)]
    public void Copy_of_a_frame_is_kept_up_to_64_KiB(int frameBytes, bool isKept)
    {
        int payload = frameBytes - "$65536\r\n\r\n".Length;
        byte[] bytes = Reading.Bytes($"${payload}\r\n{new string('x', payload)}\r\n");
        Assert.Equal(frameBytes, bytes.Length);
        ReadOnlySequence<byte> cut = Segments.CutAt(bytes, 4096);
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(cut, out _, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(cut, out _, out _));
        Assert.Equal(isKept, GC.GetAllocatedBytesForCurrentThread() - before < frameBytes / 2);
    }

    [Fact]
    public void Reply_over_one_segment_is_a_view_and_not_a_copy()
    {
        byte[] bytes = Reading.Bytes("$3\r\nfoo\r\n+OK\r\n");
        RespReader reader = new RespReader();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(Segments.CutAt(bytes, 10), out RespReply reply, out _));
        Assert.True(reply.Bytes.Overlaps(bytes));
    }

    [Fact]
    public void Missing_bytes_are_a_mistake_of_the_caller()
    {
        byte[] bytes = Reading.Bytes("*2\r\n:1\r\n");
        RespReader reader = new RespReader();
        reader.TryRead(bytes.AsSpan(), out _, out _);
        ArgumentException mistake = Assert.Throws<ArgumentException>(() => reader.TryRead(bytes.AsSpan(0, 5), out _, out _));
        Assert.Equal(
            "5 bytes were given where 8 had been given before: a frame must be read again from its first byte until it is whole.",
            mistake.Message);
        Assert.Throws<ArgumentException>(() => reader.TryRead(Segments.CutAt(bytes[..5], 2), out _, out _));
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData(":1\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("$3\r\nfoo\r\n")]
    [InlineData("-ERR unknown command\r\n")]
    [InlineData("*2\r\n:1\r\n*1\r\n$3\r\nfoo\r\n")]
    public void Reading_allocates_nothing_after_warm_up(string payload)
    {
        byte[] bytes = Reading.Bytes(payload);
        ReadOnlySequence<byte> whole = new ReadOnlySequence<byte>(bytes);
        ReadOnlySequence<byte> cut = Segments.CutAt(bytes, 2);
        RespReader reader = new RespReader();
        ReadAll(ref reader);

        const int rounds = 10_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < rounds; round++)
        {
            ReadAll(ref reader);
        }

        // The runtime takes some now and then; an object a round would be more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, rounds);

        void ReadAll(ref RespReader reader)
        {
            if (reader.TryRead(bytes.AsSpan(), out RespReply reply, out _) != RespReadStatus.Done
                || reader.TryRead(whole, out reply, out _) != RespReadStatus.Done
                || reader.TryRead(cut, out reply, out _) != RespReadStatus.Done)
            {
                throw new InvalidOperationException(reader.Fault);
            }

            foreach (RespReply item in reply)
            {
                foreach (RespReply nested in item)
                {
                    GC.KeepAlive(null);
                }
            }
        }
    }
}
