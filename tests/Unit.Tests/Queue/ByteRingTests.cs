using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Against the plainest model there is: one array that never forgets, and two positions in it.
public sealed class ByteRingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_keeps_what_a_plain_array_keeps(int seed)
    {
        Random random = new(seed);
        List<byte> all = [];
        ByteRing ring = new(64);
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(2) == 0)
            {
                byte[] bytes = new byte[random.Next(random.Next(20) == 0 ? 900 : 60)];
                random.NextBytes(bytes);
                ring.Append(bytes);
                all.AddRange(bytes);
            }
            else
            {
                ring.ReleaseTo(random.NextInt64(ring.Start, ring.End + 1));
            }

            Assert.Equal(all.Count, ring.End);
            Assert.Equal(ring.End - ring.Start, ring.Count);
            AssertSame(all, ring, random.NextInt64(ring.Start, ring.End + 1));
        }
    }

    [Fact]
    public void When_all_is_released_the_next_bytes_lie_in_one_piece()
    {
        ByteRing ring = new(8);
        ring.Append([1, 2, 3, 4, 5, 6]);
        ring.ReleaseTo(6);
        ring.Append([7, 8, 9, 10, 11, 12, 13, 14]);
        Assert.Equal([7, 8, 9, 10, 11, 12, 13, 14], ring.Stretch(6, 14).ToArray());
    }

    [Fact]
    public void Growing_leaves_the_old_bytes_to_whoever_still_sends_them()
    {
        ByteRing ring = new(8);
        ring.Append([1, 2, 3, 4, 5, 6]);
        ring.ReleaseTo(4);
        ring.Append([7, 8, 9, 10]);
        ReadOnlyMemory<byte> first = ring.Stretch(4, 10);
        Assert.Equal([5, 6, 7, 8], first.ToArray());
        ReadOnlyMemory<byte> second = ring.Stretch(8, 10);
        ring.Append(new byte[100]);
        ring.ReleaseTo(ring.End);
        ring.Append(new byte[128]);
        Assert.Equal([5, 6, 7, 8], first.ToArray());
        Assert.Equal([9, 10], second.ToArray());
    }

    private static void AssertSame(List<byte> all, in ByteRing ring, long from)
    {
        byte[] copied = new byte[ring.End - from];
        ring.CopyTo(from, copied);
        Assert.Equal(all.GetRange((int)from, copied.Length), copied);
        ReadOnlySpan<byte> stretch = ring.Stretch(from, ring.End).Span;
        Assert.True(copied.AsSpan().StartsWith(stretch));
        Assert.Equal(copied.Length == 0, stretch.IsEmpty);
    }
}
