namespace Redlock.Fast.Unit.Tests;

/// <summary>The number in a token's text.</summary>
public class FencingTextTests
{
    private const string Owner = "AQIDBAUGBwgJCgsMDQ4PEA==";

    [Fact]
    public void The_text_of_a_fenced_token_has_both_and_is_parsed_back()
    {
        LockToken token = LockToken.Parse(Owner).Fenced(1_770_000_000_000_000);
        Assert.Equal(Owner, token.Value);
        Assert.Equal("0001770000000000000", token.FencingText);
        Assert.Equal($"{Owner}.0001770000000000000", token.Text);
        Assert.Equal(token.Text, token.ToString());
        LockToken parsed = LockToken.Parse(token.Text);
        Assert.Equal(token, parsed);
        Assert.Equal(token.FencingToken, parsed.FencingToken);
        Assert.Equal(token.Text, parsed.Text);
    }

    [Fact]
    public void The_text_without_a_number_is_what_it_always_was()
    {
        LockToken token = LockToken.Parse(Owner);
        Assert.Equal(0, token.FencingToken);
        Assert.Equal(Owner, token.Text);
        Assert.Equal(Owner, token.ToString());
        Assert.Equal(string.Empty, default(LockToken).Text);
    }

    [Theory]
    [InlineData(".0000000000000000000")]
    [InlineData(".0000000000000000")]
    [InlineData(".-000000000000000005")]
    [InlineData(". 000000000000000005")]
    [InlineData(".0009007199254740992")]
    [InlineData(".9999999999999999999")]
    [InlineData(":0000000000000000005")]
    [InlineData(".0000000000000000005 ")]
    [InlineData(".")]
    public void Anything_else_behind_the_owner_is_no_token(string behind) => Assert.False(LockToken.TryParse(Owner + behind, out _));

    [Fact]
    public void The_larger_number_sorts_behind_the_smaller_one()
    {
        long[] numbers = [1, 9, 10, 99, 100, 1_770_000_000_000_000, FencingNumber.Most];
        string[] texts = Array.ConvertAll(numbers, number => LockToken.Parse(Owner).Fenced(number).FencingText);
        Assert.Equal(texts.Order(StringComparer.Ordinal), texts);
    }

    [Theory]
    [InlineData("1969-12-31", 1)]
    [InlineData("2026-11-26", 1_795_651_200_000_000)]
    [InlineData("2224-01-01", 1)]
    public void A_clock_that_cannot_be_right_proposes_nothing(string date, long proposal) =>
        Assert.Equal(proposal, FencingNumber.Proposal(DateTimeOffset.Parse(date + "T00:00:00Z", null)));
}
