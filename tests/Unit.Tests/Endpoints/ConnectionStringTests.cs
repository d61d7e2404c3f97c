using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Endpoints as StackExchange.Redis writes them, and those who hand its strings out.</summary>
public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("host:7000,password=s3cret", "host:7000", null, "s3cret")]
    [InlineData("host,password=s3cret,user=ann,defaultDatabase=3", "redis://host:6379/3", "ann", "s3cret")]
    [InlineData(" host:7000 , User = ann , PASSWORD = s3cret ,, \r\n", "host:7000", "ann", "s3cret")]
    [InlineData("password=s3cret,[::1]:7000", "[::1]:7000", null, "s3cret")]
    [InlineData("host:7000,password=a=b==", "host:7000", null, "a=b==")]
    [InlineData("host:7000,password=%2C@/?#", "host:7000", null, "%2C@/?#")]
    [InlineData("host:7000,password=", "host:7000", null, null)]
    [InlineData("host:7000,ssl=true", "rediss://host:7000", null, null)]
    [InlineData("host,ssl=True", "rediss://host:6380", null, null)]
    [InlineData("host,ssl=no", "host:6379", null, null)]
    [InlineData("cache.example.net:6380,password=s3cret=,ssl=True,abortConnect=False", "rediss://cache.example.net:6380", null, "s3cret=")]
    public void Names_one_server_and_its_login(string text, string shown, string? user, string? password)
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse(text);
        Assert.Equal(shown, endpoint.ToString());
        Assert.Equal((user, password), (endpoint.User, endpoint.Password));
    }

    [Theory]
    [InlineData("abortConnect=false")]
    [InlineData("allowAdmin=true,syncTimeout=1000,asyncTimeout=1000,connectTimeout=5000,connectRetry=3,keepAlive=60")]
    [InlineData("channelPrefix=x,configChannel=x,configCheckSeconds=1,tiebreaker=x,version=7.0,writeBuffer=1,responseTimeout=1")]
    [InlineData("proxy=None,resolveDns=true,sslProtocols=tls12,checkCertificateRevocation=true,preserveAsyncOrder=false,protocol=resp3")]
    [InlineData("heartbeatInterval=1,heartbeatConsistencyChecks=true,highIntegrity=true,setClientLibrary=false,libName=x")]
    [InlineData("includeDetailInExceptions=true,includePerformanceCountersInExceptions=true")]
    public void What_is_that_clients_own_affair_does_nothing(string options) =>
        Assert.Equal(RedisEndpoint.Parse("host:7000"), RedisEndpoint.Parse($"host:7000,{options}"));

    [Fact]
    public void Names_the_connection_and_the_certificate()
    {
        RedisEndpoint endpoint = RedisEndpoint.Parse("host,ssl=true,sslHost=cert.example,name=billing");
        Assert.Equal(("cert.example", "billing"), (endpoint.TlsHost, endpoint.ClientName));
        Assert.Equal("billing", NodeLogin.Merge(new RespNodeOptions(), endpoint).ClientName);
        TlsDialerOptions own = new() { TargetHost = "other", EnabledProtocols = System.Security.Authentication.SslProtocols.Tls13 };
        Assert.Equal(own with { TargetHost = "cert.example" }, NodeLogin.TlsOf(own, endpoint));
        Assert.Equal("cert.example", NodeLogin.TlsOf(null, endpoint)!.TargetHost);
        Assert.Same(own, NodeLogin.TlsOf(own, RedisEndpoint.Parse("rediss://host")));
        Assert.Equal("redlock.fast", NodeLogin.Merge(new RespNodeOptions(), RedisEndpoint.Parse("host,ssl=true")).ClientName);
    }

    [Theory]
    [InlineData("one:6379,two:6379", "give each as an entry of its own")]
    [InlineData("one:6379,two:6379,password=x", "give each as an entry of its own")]
    [InlineData("password=x,ssl=true", "names no server")]
    [InlineData(",", "names no server")]
    [InlineData("host,user=ann", "a user and no password")]
    [InlineData("host,ssl=maybe", "ssl must be true or false")]
    [InlineData("host,ssl=", "ssl must be true or false")]
    [InlineData("host,defaultDatabase=-1", "defaultDatabase must be a number from 0 to 2147483647")]
    [InlineData("host,defaultDatabase=", "defaultDatabase must be a number from 0 to 2147483647")]
    [InlineData("host,name=two words", "printable ASCII without spaces")]
    [InlineData("host,name=", "printable ASCII without spaces")]
    [InlineData("host,serviceName=mymaster", "Sentinel")]
    [InlineData("host,tunnel=http:proxy:8080", "Dialer")]
    [InlineData("host,$GET=", "renames a command")]
    [InlineData("host,ssl=true,pasword=x", "Part 3 of the connection string is no option that is known")]
    [InlineData("host,=x", "Part 2")]
    [InlineData("ho st,ssl=true", "white space")]
    [InlineData("host:http,ssl=true", "port must be a number from 1 to 65535")]
    [InlineData("redis://host,ssl=true", "host")]
    public void Refuses_what_it_does_not_follow(string text, string part)
    {
        Assert.False(RedisEndpoint.TryParse(text, out _, out string? problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }
}
