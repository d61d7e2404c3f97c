namespace Redlock.Fast.Unit.Tests;

public class KernelRandomTests
{
    // More than one call of the kernel may be needed above 256 bytes.
    [Theory]
    [InlineData(32)]
    [InlineData(257)]
    [InlineData(100_000)]
    public void Every_part_is_filled_and_never_twice_alike(int bytes)
    {
        byte[] first = new byte[bytes];
        byte[] second = new byte[bytes];
        KernelRandom.Fill(first);
        KernelRandom.Fill(second);
        Assert.NotEqual(first, second);

        // 16 zeros in a row come about once in 2^128 fills; the bytes at the end are those that a short fill would leave.
        Assert.True(first.AsSpan(0, 16).ContainsAnyExcept((byte)0));
        Assert.True(first.AsSpan(bytes - 16).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Nothing_to_fill_is_fine() => KernelRandom.Fill([]);
}
