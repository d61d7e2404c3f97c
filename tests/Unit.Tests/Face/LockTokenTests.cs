namespace Redlock.Fast.Unit.Tests;

public class LockTokenTests
{
    private const string Canonical = "AQIDBAUGBwgJCgsMDQ4PEA==";

    private static readonly byte[] _ownerId = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    [Fact]
    public void Default_is_not_held()
    {
        LockToken none = default;
        Assert.True(none.IsDefault);
        Assert.Equal(string.Empty, none.Value);
        Assert.Equal("not held", none.ToString());
        Assert.Equal(0, none.DeadlineTicks);
    }

    [Fact]
    public void The_value_is_base64_of_the_owner_id_and_parses_back()
    {
        LockToken token = new LockToken(_ownerId).Until(5);
        Assert.Equal(Canonical, token.Value);
        Assert.Equal(Canonical, token.ToString());
        LockToken parsed = LockToken.Parse(token.Value);
        Assert.Equal(token.Value, parsed.Value);
        Assert.Equal(0, parsed.DeadlineTicks);
        Assert.Equal(parsed, Parsed<LockToken>(token.Value));
        Assert.False(TryParsed<LockToken>("x", out _));

        static TText Parsed<TText>(string text)
            where TText : IParsable<TText> => TText.Parse(text, null);

        static bool TryParsed<TText>(string text, out TText? parsed)
            where TText : IParsable<TText> => TText.TryParse(text, null, out parsed);
    }

    [Fact]
    public void Tokens_of_one_owner_are_equal_whatever_else_they_carry()
    {
        LockToken token = new(_ownerId);
        LockToken later = token.Until(7);
        Assert.Equal(token, later);
        Assert.True(token == later);
        Assert.True(token.Equals((object)later));
        Assert.Equal(token.GetHashCode(), later.GetHashCode());
        byte[] other = [.. _ownerId];
        for (int place = 0; place < other.Length; place++)
        {
            other[place] ^= 1;
            Assert.NotEqual(token, new LockToken(other));
            Assert.True(token != new LockToken(other));
            other[place] ^= 1;
        }

        Assert.NotEqual(default, token);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not held")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA=")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA== ")]
    [InlineData(" AQIDBAUGBwgJCgsMDQ4PEA=")]
    [InlineData("AQIDBAUGBwgJCgsM\r\n4PEA==")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEB==")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBES")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PE-==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAB==")]
    public void What_is_not_exactly_a_value_is_refused_and_leaves_no_token(string? text)
    {
        Assert.False(LockToken.TryParse(text, out LockToken token));
        Assert.True(token.IsDefault);
        if (text is not null)
        {
            FormatException refusal = Assert.Throws<FormatException>(() => LockToken.Parse(text));
            Assert.Contains("24 characters", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Null_is_not_a_text() => Assert.Throws<ArgumentNullException>("value", () => LockToken.Parse(null!));

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void An_owner_id_has_sixteen_bytes(int bytes)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>("ownerId", () => new LockToken(new byte[bytes]));
        Assert.Contains("16 bytes", refusal.Message, StringComparison.Ordinal);
    }
}
