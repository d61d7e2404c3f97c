using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// A running server, how to dial it, and all that ends with it.
internal sealed class ServerUnderTest(Dialer dialer, params IDisposable[] owned) : IDisposable
{
    public Dialer Dialer => dialer;

    public static InMemoryNode InMemory(string? password) => InMemoryNode.Start(new InMemoryNodeOptions
    {
        Password = password,
        User = RespNodeContract.User,
        UserPassword = RespNodeContract.UserPassword,
    });

    public static Task<TempRedis> RedisAsync(string? password, TempRedisOptions? options = null)
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        options = (options ?? new TempRedisOptions()) with
        {
            Password = password,
            Configuration = [$"user {RespNodeContract.User} on >{RespNodeContract.UserPassword} ~* &* +@all"],
        };
        return TempRedis.StartAsync(options, TestContext.Current.CancellationToken);
    }

    public static Task<ServerContainer> ContainerAsync(string image, string? password)
    {
        string[] user = ["--user", RespNodeContract.User, "on", $">{RespNodeContract.UserPassword}", "~*", "&*", "+@all"];
        return ServerContainer.StartAsync(image, password is null ? user : [.. user, "--requirepass", password]);
    }

    public static Dialer Tcp(string endpoint)
    {
        RedisEndpoint parsed = RedisEndpoint.Parse(endpoint);
        return new TcpDialer(parsed.Host, parsed.Port);
    }

    public static Dialer Unix(string endpoint) => new UnixDialer(RedisEndpoint.Parse(endpoint).Path);

    public void Dispose()
    {
        foreach (IDisposable one in owned)
        {
            one.Dispose();
        }
    }
}
