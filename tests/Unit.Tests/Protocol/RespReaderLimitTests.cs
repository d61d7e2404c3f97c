using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Each limit at its edge, and one step beyond, in every way of arriving.</summary>
public class RespReaderLimitTests
{
    [Theory]
    [InlineData(20, RespReadStatus.Done)]
    [InlineData(21, RespReadStatus.Invalid)]
    public void Line(int length, RespReadStatus expected)
    {
        RespLimits limits = new RespLimits { MaxLineBytes = 20 };
        Reads('+' + new string('x', length) + "\r\n", limits, expected, nameof(RespLimits.MaxLineBytes));
        Reads("*1\r\n-" + new string('x', length) + "\r\n", limits, expected, nameof(RespLimits.MaxLineBytes));
    }

    [Fact]
    public void Line_without_an_end_is_refused_once_it_is_too_long()
    {
        RespLimits limits = new RespLimits { MaxLineBytes = 20 };
        Reads('+' + new string('x', 20), limits, RespReadStatus.NeedMore);
        Reads('+' + new string('x', 20) + "\r", limits, RespReadStatus.NeedMore);
        Reads('+' + new string('x', 21), limits, RespReadStatus.Invalid, nameof(RespLimits.MaxLineBytes));
    }

    [Fact]
    public void Number_without_an_end_is_refused_after_its_last_possible_digit() =>
        Reads("$" + new string('1', 20), RespLimits.Default, RespReadStatus.Invalid);

    [Theory]
    [InlineData("$10\r\n0123456789\r\n", RespReadStatus.Done)]
    [InlineData("$11\r\n01234567890\r\n", RespReadStatus.Invalid)]
    [InlineData("$11", RespReadStatus.Invalid)]
    public void Bulk(string payload, RespReadStatus expected)
    {
        RespLimits limits = new RespLimits { MaxBulkBytes = 10 };
        Reads(payload, limits, expected, nameof(RespLimits.MaxBulkBytes));
        Reads("*1\r\n" + payload, limits, expected, nameof(RespLimits.MaxBulkBytes));
    }

    [Theory]
    [InlineData("*1\r\n*1\r\n*1\r\n:1\r\n", RespReadStatus.Done)]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", RespReadStatus.Invalid)]
    [InlineData("*1\r\n*1\r\n*1\r\n*0\r\n", RespReadStatus.Invalid)]
    [InlineData("*1\r\n*1\r\n*1\r\n*-1\r\n", RespReadStatus.Invalid)]
    [InlineData("*1\r\n*1\r\n*1\r\n*", RespReadStatus.Invalid)]
    [InlineData("*2\r\n*1\r\n*1\r\n:1\r\n*1\r\n*1\r\n:2\r\n", RespReadStatus.Done)]
    [InlineData("*2\r\n:1\r\n*1\r\n*1\r\n*1\r\n:2\r\n", RespReadStatus.Invalid)]
    public void Depth(string payload, RespReadStatus expected) =>
        Reads(payload, new RespLimits { MaxDepth = 3 }, expected, nameof(RespLimits.MaxDepth));

    [Fact]
    public void Default_depth_is_32()
    {
        static string Nested(int depth) => string.Concat(Enumerable.Repeat("*1\r\n", depth)) + ":1\r\n";
        Reads(Nested(32), RespLimits.Default, RespReadStatus.Done);
        Reads(Nested(33), RespLimits.Default, RespReadStatus.Invalid, nameof(RespLimits.MaxDepth));
        Reads(Nested(10_000)[..1000], RespLimits.Default, RespReadStatus.Invalid, nameof(RespLimits.MaxDepth));
    }

    [Theory]
    [InlineData("+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", RespReadStatus.Done)]
    [InlineData("+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", RespReadStatus.Invalid)]
    [InlineData("+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", RespReadStatus.NeedMore)]
    [InlineData("+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", RespReadStatus.Invalid)]
    [InlineData("$25\r\n0123456789012345678901234\r\n", RespReadStatus.Done)]
    [InlineData("$26\r\n", RespReadStatus.Invalid)]
    [InlineData("*9\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+a\r\n", RespReadStatus.Done)]
    [InlineData("*9\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+\r\n+aa\r\n", RespReadStatus.Invalid)]
    [InlineData("*9\r\n+a\r\n+b\r\n", RespReadStatus.Invalid)]
    [InlineData("*9\r\n", RespReadStatus.NeedMore)]
    [InlineData("*10\r\n", RespReadStatus.Invalid)]
    [InlineData("*2\r\n*7\r\n", RespReadStatus.NeedMore)]
    [InlineData("*2\r\n*8\r\n", RespReadStatus.Invalid)]
    [InlineData("*8\r\n$1", RespReadStatus.NeedMore)]
    [InlineData("*8\r\n$5\r\n", RespReadStatus.Invalid)]
    [InlineData("*8\r\n:12345", RespReadStatus.NeedMore)]
    [InlineData("*8\r\n:123456", RespReadStatus.Invalid)]
    public void Frame(string payload, RespReadStatus expected) =>
        Reads(payload, new RespLimits { MaxFrameBytes = 32 }, expected, nameof(RespLimits.MaxFrameBytes));

    [Fact]
    public void Array_of_as_many_items_as_can_fit_is_accepted()
    {
        RespLimits limits = new RespLimits { MaxElements = int.MaxValue / 3 / 2 };
        int count = (limits.MaxFrameBytes - 10) / 3;
        Reads($"*{count}\r\n", limits, RespReadStatus.NeedMore);
        Reads($"*{count + 1}\r\n", limits, RespReadStatus.Invalid, nameof(RespLimits.MaxFrameBytes));
    }

    [Theory]
    [InlineData("*3\r\n:1\r\n:2\r\n:3\r\n", RespReadStatus.Done)]
    [InlineData("*4\r\n", RespReadStatus.Invalid)]
    [InlineData("*1\r\n*1\r\n*1\r\n+a\r\n", RespReadStatus.Done)]
    [InlineData("*1\r\n*1\r\n*2\r\n", RespReadStatus.Invalid)]
    [InlineData("*2\r\n:1\r\n*1\r\n", RespReadStatus.NeedMore)]
    [InlineData("*2\r\n*1\r\n:1\r\n*1\r\n", RespReadStatus.Invalid)]
    [InlineData("*1\r\n*-1\r\n", RespReadStatus.Done)]
    public void Elements(string payload, RespReadStatus expected) =>
        Reads(payload, new RespLimits { MaxElements = 4 }, expected, nameof(RespLimits.MaxElements));

    [Fact]
    public void Elements_are_counted_anew_for_each_frame()
    {
        RespReader reader = new RespReader(new RespLimits { MaxElements = 3 });
        foreach (int _ in Enumerable.Range(0, 3))
        {
            Assert.Equal(RespReadStatus.Done, reader.TryRead("*2\r\n:1\r\n:2\r\n"u8, out RespReply reply, out int _));
            Assert.Equal(2, reply.Count);
        }
    }

    [Fact]
    public void Values_out_of_range_are_refused_by_name()
    {
        Refuses(nameof(RespLimits.MaxLineBytes), () => new RespLimits { MaxLineBytes = 19 });
        Refuses(nameof(RespLimits.MaxBulkBytes), () => new RespLimits { MaxBulkBytes = 0 });
        Refuses(nameof(RespLimits.MaxBulkBytes), () => new RespLimits { MaxBulkBytes = int.MaxValue });
        Refuses(nameof(RespLimits.MaxDepth), () => new RespLimits { MaxDepth = 0 });
        Refuses(nameof(RespLimits.MaxDepth), () => new RespLimits { MaxDepth = 1025 });
        Refuses(nameof(RespLimits.MaxFrameBytes), () => RespLimits.Default with { MaxFrameBytes = 31 });
        Refuses(nameof(RespLimits.MaxElements), () => RespLimits.Default with { MaxElements = 0 });
        Refuses(nameof(RespLimits.MaxElements), () => RespLimits.Default with { MaxElements = int.MaxValue });

        static void Refuses(string name, Func<object> make) =>
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(make).ParamName);
    }

    [Fact]
    public void Announced_lengths_cost_no_memory()
    {
        byte[] bytes = Reading.Bytes("*8\r\n$1048576\r\nx");
        ReadOnlySequence<byte> sequence = Segments.OfOneByteEach(bytes);
        RespReader reader = new RespReader();
        long before = GC.GetAllocatedBytesForCurrentThread();
        RespReadStatus status = reader.TryRead(sequence, out _, out _);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(RespReadStatus.NeedMore, status);
        Assert.InRange(allocated, 0, 1000);
    }

    private static void Reads(string payload, RespLimits limits, RespReadStatus expected, string? named = null)
    {
        byte[] bytes = Reading.Bytes(payload);
        Assert.Equal(expected, Reading.OfSpan(bytes, limits).Status);
        Assert.Equal(expected, Reading.OfSequence(new ReadOnlySequence<byte>(bytes), limits).Status);
        Assert.Equal(expected, Reading.OfSequence(Segments.OfOneByteEach(bytes), limits).Status);
        Assert.Equal(expected, Reading.OfGrowing(bytes, Growth.Span, limits).Status);
        Assert.Equal(expected, Reading.OfGrowing(bytes, Growth.Alternating, limits).Status);
        if (expected == RespReadStatus.Invalid && named is not null)
        {
            RespReader reader = new RespReader(limits);
            reader.TryRead(bytes.AsSpan(), out _, out _);
            Assert.Contains(named, reader.Fault, StringComparison.Ordinal);
        }
    }
}
