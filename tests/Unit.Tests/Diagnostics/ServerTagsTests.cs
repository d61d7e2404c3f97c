using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class ServerTagsTests
{
    [Theory]
    [InlineData("redis-1:6379", "redis-1", 6379)]
    [InlineData("[::1]:6379", "::1", 6379)]
    [InlineData("rediss://redis-1:6380", "redis-1", 6380)]
    [InlineData("unix:/run/redis.sock", "/run/redis.sock", null)]
    [InlineData("unix:/run/redis:6379", "/run/redis:6379", null)]
    [InlineData("what a foreign dialer calls it", "what a foreign dialer calls it", null)]
    [InlineData("node:99999", "node:99999", null)]
    [InlineData(":6379", ":6379", null)]
    public void A_node_is_told_by_its_address_and_its_port(string node, string address, int? port)
    {
        KeyValuePair<string, object?>[] expected = port is null
            ? [new("server.address", address)]
            : [new("server.address", address), new("server.port", port)];
        Assert.Equal(expected, new ServerTags(node).ToList());
    }
}
