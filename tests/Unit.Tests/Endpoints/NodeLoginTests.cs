using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class NodeLoginTests
{
    private static readonly RespNodeOptions _both = new() { User = "locks", Password = "p1", Database = 2 };

    [Theory]
    [InlineData("redis://:p2@h", null, "p2", 2)]
    [InlineData("redis://ann:p2@h", "ann", "p2", 2)]
    [InlineData("redis://ann:@h", "ann", "", 2)]
    [InlineData("redis://ann:p2%0A@h", "ann", "p2\n", 2)]
    [InlineData("redis://h/0", "locks", "p1", 0)]
    [InlineData("redis://:p2@h/3", null, "p2", 3)]
    [InlineData("h", "locks", "p1", 2)]
    [InlineData("unix:/path", "locks", "p1", 2)]
    public void Login_is_all_of_the_endpoint_or_all_of_the_options(string endpoint, string? user, string password, int database)
    {
        RespNodeOptions merged = NodeLogin.Merge(_both, RedisEndpoint.Parse(endpoint));
        Assert.Equal((user, password, database), (merged.User, merged.Password, merged.Database));
        NodeLogin.Check(merged);

        // What else was set stays, and the options that were given are as they were.
        Assert.Equal(_both with { User = null, Password = null, Database = 0 }, merged with { User = null, Password = null, Database = 0 });
        Assert.Equal(("locks", "p1", 2), (_both.User, _both.Password, _both.Database));
    }

    [Theory]
    [InlineData("h")]
    [InlineData("redis://h/1")]
    [InlineData("unix:/path")]
    public void A_user_without_a_password_is_refused(string endpoint)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => RespNode.Connect(endpoint, new RespNodeOptions { User = "locks" }));
        Assert.StartsWith("User is set and Password is not", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RespNode(new TcpDialer("h"), new RespNodeOptions { User = "locks" }));
    }

    [Fact]
    public void A_user_without_a_password_does_not_matter_where_the_endpoint_brings_both()
    {
        RespNodeOptions merged = NodeLogin.Merge(new RespNodeOptions { User = "locks" }, RedisEndpoint.Parse("redis://:p2@h"));
        NodeLogin.Check(merged);
        Assert.Null(merged.User);
    }

    [Theory]
    [InlineData("p1\n")]
    [InlineData("p1\r\n")]
    [InlineData("\n")]
    public void A_password_that_ends_in_a_line_break_is_refused_with_the_reason_and_not_shown(string password)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new RespNodeOptions { Password = password });
        Assert.Contains("ends in a line break", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("p1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_break_within_a_password_stays() => Assert.Equal("p\n1", new RespNodeOptions { Password = "p\n1" }.Password);
}
