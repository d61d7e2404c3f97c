using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class RedisEndpointTests
{
    [Theory]
    [InlineData("redis1", "redis1", 6379, "redis1:6379")]
    [InlineData("Redis1.Example.COM", "redis1.example.com", 6379, "redis1.example.com:6379")]
    [InlineData("10.0.0.1:7000", "10.0.0.1", 7000, "10.0.0.1:7000")]
    [InlineData("redis:65535", "redis", 65535, "redis:65535")]
    [InlineData("[::1]", "::1", 6379, "[::1]:6379")]
    [InlineData("[0:0:0:0:0:0:0:1]:7000", "::1", 7000, "[::1]:7000")]
    [InlineData("[fe80::1%eth0]:1", "fe80::1%eth0", 1, "[fe80::1%eth0]:1")]
    [InlineData("redis://host", "host", 6379, "host:6379")]
    [InlineData("REDIS://host:1/", "host", 1, "host:1")]
    [InlineData(" host:7000\t\r\n", "host", 7000, "host:7000")]
    public void Tcp(string text, string host, int port, string shown)
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse(text);

        Assert.Equal(RedisTransport.Tcp, endpoint.Kind);
        Assert.Equal(host, endpoint.Host);
        Assert.Equal(port, endpoint.Port);
        Assert.Equal("", endpoint.Path);
        Assert.Null(endpoint.User);
        Assert.Null(endpoint.Password);
        Assert.Null(endpoint.Database);
        Assert.False(endpoint.UsesTls);
        Assert.Equal(shown, endpoint.ToString());
    }

    [Theory]
    [InlineData("[fe80::1%25]:1", "fe80::1%25")]
    [InlineData("[fe80::1%251]:1", "fe80::1%251")]
    [InlineData("[fe80::1%3]:1\n", "fe80::1%3")]
    [InlineData("redis.1.example:1\r\n", "redis.1.example")]
    [InlineData("bücher:1", "bücher")]
    public void Odd_hosts_that_are_right(string text, string host)
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse(text);
        Assert.Equal(host, endpoint.Host);
        Assert.Equal(endpoint, RedisEndpoint.Parse(endpoint.ToString()));
    }

    [Theory]
    [InlineData("unix:/run/redis.sock")]
    [InlineData("unix:///run/redis.sock")]
    [InlineData("UNIX:/run/redis.sock")]
    public void Unix_socket(string text)
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse(text);

        Assert.Equal(RedisTransport.Unix, endpoint.Kind);
        Assert.Equal("/run/redis.sock", endpoint.Path);
        Assert.Equal("", endpoint.Host);
        Assert.Equal(0, endpoint.Port);
        Assert.Equal("unix:/run/redis.sock", endpoint.ToString());
        Assert.Equal(RedisEndpoint.Parse("unix:/run/redis.sock"), endpoint);
    }

    [Theory]
    [InlineData("redis://ann:s3cret@host:7000/2", "ann", "s3cret", 2, false, "redis://host:7000/2")]
    [InlineData("redis://host/0", null, null, 0, false, "redis://host:6379/0")]
    [InlineData("redis://host/", null, null, null, false, "host:6379")]
    [InlineData("redis://[fe80::1%25eth0]/1", null, null, 1, false, "redis://[fe80::1%25eth0]:6379/1")]
    [InlineData("redis://[fe80::1%eth0]", null, null, null, false, "[fe80::1%eth0]:6379")]
    [InlineData("rediss://[fe80::1%2525]", null, null, null, true, "rediss://[fe80::1%2525]:6379")]
    [InlineData("redis://:s3cret%0A@host\r\n", null, "s3cret\n", null, false, "host:6379")]
    [InlineData("redis://:s3cret@host", null, "s3cret", null, false, "host:6379")]
    [InlineData("redis://ann:@host", "ann", "", null, false, "host:6379")]
    [InlineData("redis://a%3An:p%40s%25s:%2F%C3%A9@host", "a:n", "p@s%s:/é", null, false, "host:6379")]
    [InlineData("rediss://ann:s3cret@[::1]:7000/15", "ann", "s3cret", 15, true, "rediss://[::1]:7000/15")]
    [InlineData("rediss://host", null, null, null, true, "rediss://host:6379")]
    public void Uri(string text, string? user, string? password, int? database, bool usesTls, string shown)
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse(text);

        Assert.Equal(user, endpoint.User);
        Assert.Equal(password, endpoint.Password);
        Assert.Equal(database, endpoint.Database);
        Assert.Equal(usesTls, endpoint.UsesTls);
        Assert.Equal(shown, endpoint.ToString());
        Assert.Equal(shown, RedisEndpoint.Parse(shown).ToString());
        Assert.Equal(endpoint.Host, RedisEndpoint.Parse(shown).Host);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \t", "empty")]
    [InlineData(":6379", "host")]
    [InlineData("redis://", "host")]
    [InlineData("redis:///2", "host")]
    [InlineData("two words", "host")]
    [InlineData("host\n:1", "host")]
    [InlineData("\r\n", "empty")]
    [InlineData("6379", "only a number: a port stands behind its host")]
    [InlineData("redis://6379/1", "only a number")]
    [InlineData("99999999999999999999:6379", "only a number")]
    [InlineData("127.1", "four numbers from 0 to 255")]
    [InlineData("010.0.0.1:6379", "four numbers from 0 to 255")]
    [InlineData("0x7f000001", "four numbers from 0 to 255")]
    [InlineData("\uFEFFhost", "can't be seen")]
    [InlineData("ho\u202Est", "can't be seen")]
    [InlineData("unix:/run/\u2066redis.sock", "can't be seen")]
    [InlineData("[fe80::1%]", "zone behind the IPv6 address is empty")]
    [InlineData("redis://[fe80::1%]", "zone behind the IPv6 address is empty")]
    [InlineData("redis://[fe80::1%25]", "zone behind the IPv6 address is empty")]
    [InlineData("[fe80::1%25eth0]", "here write [fe80::1%eth0]")]
    [InlineData("[fe80::1%eth%30]", "zone behind the IPv6 address has a character")]
    [InlineData("redis://[fe80::1%25eth%30]", "zone behind the IPv6 address has a character")]
    [InlineData("ho\0st", "host")]
    [InlineData("ho%20st", "host")]
    [InlineData("::1", "brackets")]
    [InlineData("[::1", "brackets")]
    [InlineData("::1]", "brackets")]
    [InlineData("host:[1]", "brackets")]
    [InlineData("[]", "IPv6")]
    [InlineData("[10.0.0.1]", "IPv6")]
    [InlineData("[::1%a b]", "zone")]
    [InlineData("[::1]6379", "port")]
    [InlineData("[::1]:", "port must be a number from 1 to 65535")]
    [InlineData("host:", "port must be a number from 1 to 65535")]
    [InlineData("host:0", "port must be a number from 1 to 65535")]
    [InlineData("host:65536", "port must be a number from 1 to 65535")]
    [InlineData("host:99999999999", "port must be a number from 1 to 65535")]
    [InlineData("host:-1", "port must be a number from 1 to 65535")]
    [InlineData("host:+1", "port must be a number from 1 to 65535")]
    [InlineData("host: 1", "port must be a number from 1 to 65535")]
    [InlineData("host:http", "port must be a number from 1 to 65535")]
    [InlineData("host/2", "database")]
    [InlineData("redis://host/-1", "database must be a number from 0 to 2147483647")]
    [InlineData("redis://host/2147483648", "database must be a number from 0 to 2147483647")]
    [InlineData("redis://host/a", "database must be a number from 0 to 2147483647")]
    [InlineData("redis://host/1/2", "database must be a number from 0 to 2147483647")]
    [InlineData("http://host", "scheme")]
    [InlineData("tcp://host:6379", "scheme")]
    [InlineData("://host", "scheme")]
    [InlineData("host?db=2", "query string")]
    [InlineData("redis://host?db=2", "query string")]
    [InlineData("redis://host/2#x", "fragment")]
    [InlineData("unix:///path?db=2", "query string")]
    [InlineData("unix:", "path of the Unix socket is empty")]
    [InlineData("unix://", "path of the Unix socket is empty")]
    [InlineData("unix:redis.sock", "path of the Unix socket must be absolute")]
    [InlineData("unix:/a\0b", "path of the Unix socket has a control character")]
    public void Refused(string text, string part)
    {
        Assert.False(RedisEndpoint.TryParse(text, out RedisEndpoint? endpoint, out string? problem));
        Assert.Null(endpoint);
        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.Equal(problem, Assert.Throws<FormatException>(() => RedisEndpoint.Parse(text)).Message);
    }

    [Theory]
    [InlineData("redis://ann:s3cret@host:0", "port")]
    [InlineData("redis://ann:s3cret@host/x", "database")]
    [InlineData("redis://ann:s3cret@ho st", "host")]
    [InlineData("redis://ann:s3cret@", "host")]
    [InlineData("redis://ann:s3cret@host?x=1", "query string")]
    [InlineData("redis://ann:s3cret@t@host", "user info")]
    [InlineData("redis://ann:s3cret/t@host", "user info")]
    [InlineData("redis://ann:s3cret#t@host", "user info")]
    [InlineData("redis://ann:s3cret?t@host", "user info")]
    [InlineData("redis://ann:s3cret%zz@host", "user info")]
    [InlineData("redis://ann:s3cret%4@host", "user info")]
    [InlineData("redis://ann:s3cret%ff@host", "user info")]
    [InlineData("redis://s3cret@host", "user info")]
    [InlineData("redis://:@host", "user info")]
    [InlineData("redis://@host", "user info")]
    [InlineData("redis://:s3cret", "host")]
    [InlineData("redis://ann:s3cret", "port")]
    [InlineData("ann:s3cret@host", "user info")]
    [InlineData("host:0,user=ann,password=s3cret", "port")]
    [InlineData("host:6379,user=ann,password=ab,s3cret", "several servers")]
    [InlineData("host:6379,password=ab,s3cret=ann", "Part 3")]
    [InlineData("s3cret://host", "scheme")]
    [InlineData("unix://ann:s3cret@/path", "user info")]
    public void Refusal_keeps_the_secret(string text, string part)
    {
        Assert.False(RedisEndpoint.TryParse(text, out _, out string? problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("ann", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => RedisEndpoint.Parse(null!));
        Assert.False(RedisEndpoint.TryParse(null, out _, out string? problem));
        Assert.Contains("empty", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Unix_path_is_counted_in_bytes()
    {
        string fits = "unix:/" + new string('é', 53);
        Assert.True(RedisEndpoint.TryParse(fits, out _, out _));
        Assert.False(RedisEndpoint.TryParse(fits + "x", out _, out string? problem));
        Assert.Contains("1 to 107 bytes", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_length_is_limited()
    {
        Assert.True(RedisEndpoint.TryParse(new string('a', 253), out _, out _));
        Assert.False(RedisEndpoint.TryParse(new string('a', 254), out _, out string? problem));
        Assert.Contains("1 to 253", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://ann:s3cret@other:7000/2")]
    [InlineData("redis://ann:s3cret@host:7001/2")]
    [InlineData("redis://ben:s3cret@host:7000/2")]
    [InlineData("redis://ann:other@host:7000/2")]
    [InlineData("redis://ann:s3cret@host:7000/3")]
    [InlineData("redis://ann:s3cret@host:7000/0")]
    [InlineData("redis://ann:s3cret@host:7000")]
    [InlineData("rediss://ann:s3cret@host:7000/2")]
    [InlineData("unix:/host:7000")]
    [InlineData("host:7000,user=ann,password=s3cret,defaultDatabase=2,name=x")]
    [InlineData("host:7000,user=ann,password=s3cret,defaultDatabase=2,sslHost=x")]
    public void Every_part_counts_for_equality(string other)
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse("redis://ann:s3cret@host:7000/2");

        Assert.NotEqual(endpoint, RedisEndpoint.Parse(other));
        Assert.Equal(endpoint, RedisEndpoint.Parse("REDIS://ann:s3cret@HOST:7000/2"));
        Assert.Equal(endpoint.GetHashCode(), RedisEndpoint.Parse("REDIS://ann:s3cret@HOST:7000/2").GetHashCode());
        Assert.Equal(endpoint, RedisEndpoint.Parse("host:7000,user=ann,password=s3cret,defaultDatabase=2"));
    }
}
