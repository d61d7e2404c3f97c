using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class WaitForConnectionTests
{
    private const string Password = "s3cret-Pa55";
    private const string Wrong = "Wr0ng-Pa55";

    private static readonly TempRedisOptions _withPassword = new() { Password = Password };

    [Fact]
    public async Task A_wrong_password_ends_the_wait_with_its_reason()
    {
        using OwnServers server = await OwnServers.StartAsync(1, _withPassword);
        await using RespNode node = RespNode.Connect($"redis://:{Wrong}@{server[0].Endpoint}");
        RespRequestException refused = await Assert.ThrowsAsync<RespRequestException>(
            () => node.WaitUntilConnectedAsync(CancellationToken.None).SoonAsync());
        Assert.Equal(RequestFailure.Misconfigured, refused.Failure);
        Assert.Contains("AUTH was refused with WRONGPASS", refused.Message, StringComparison.Ordinal);

        // Also of one that is at rest between two dials.
        await Eventually.Holds(() => node.State == RespNodeState.Disconnected, "it waits to dial again");
        await Assert.ThrowsAsync<RespRequestException>(() => node.WaitUntilConnectedAsync(CancellationToken.None).SoonAsync());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    public async Task A_quorum_that_can_not_be_ends_the_wait_with_every_reason(int nodes, int good)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes, _withPassword);
        string[] endpoints =
            [.. Enumerable.Range(0, nodes).Select(node => $"redis://:{(node < good ? Password : Wrong)}@{servers[node].Endpoint}")];
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        RespRequestException refused = await Assert.ThrowsAsync<RespRequestException>(
            () => factory.WaitUntilConnectedAsync(CancellationToken.None).SoonAsync());
        Assert.Equal(RequestFailure.Misconfigured, refused.Failure);
        Assert.Equal(nodes - RedlockFactory.Quorum(nodes) + 1, refused.Message.Split("WRONGPASS").Length - 1);
        Assert.DoesNotContain(Wrong, refused.ToString(), StringComparison.Ordinal);

        if (good > 0)
        {
            await factory.WaitUntilConnectedAsync(good, CancellationToken.None).SoonAsync();
        }
    }

    [Fact]
    public async Task Nodes_that_say_nothing_do_not_keep_a_quorum_possible()
    {
        using OwnServers servers = await OwnServers.StartAsync(3, _withPassword);
        servers[2].Kill();
        await using RedlockFactory factory = RedlockFactory.Create(
            Enumerable.Range(0, 3).Select(node => $"redis://:{Wrong}@{servers[node].Endpoint}"));
        await Assert.ThrowsAsync<RespRequestException>(() => factory.WaitUntilConnectedAsync(CancellationToken.None).SoonAsync());
    }

    [Fact]
    public async Task One_that_refuses_is_no_reason_to_give_up_a_quorum()
    {
        using OwnServers servers = await OwnServers.StartAsync(3, _withPassword);
        servers[2].Kill();
        string[] endpoints =
            [.. Enumerable.Range(0, 3).Select(node => $"redis://:{(node == 0 ? Wrong : Password)}@{servers[node].Endpoint}")];
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        Task wait = factory.WaitUntilConnectedAsync(CancellationToken.None);
        await Eventually.Holds(() => factory.Node(0).LastError is not null, "the first refuses");
        Assert.False(wait.IsCompleted);
        await servers[2].RestartAsync(NodeData.Keep, TestContext.Current.CancellationToken);
        await wait.SoonAsync();
    }

    [Fact]
    public async Task A_password_that_is_mended_connects_and_ends_the_next_wait()
    {
        using OwnServers server = await OwnServers.StartAsync(1, _withPassword);
        await using RespNode own = RespNode.Connect($"redis://:{Password}@{server[0].Endpoint}");
        await using RespNode node = RespNode.Connect(
            $"redis://:{Wrong}@{server[0].Endpoint}", new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(50) });
        await Assert.ThrowsAsync<RespRequestException>(() => node.WaitUntilConnectedAsync(CancellationToken.None).SoonAsync());
        await own.SendAsync("CONFIG", "SET", "requirepass", Wrong);
        await Eventually.Holds(() => node.IsConnected, "it is let in");
        await node.WaitUntilConnectedAsync(CancellationToken.None).SoonAsync();
    }

    [Fact]
    public async Task A_factory_that_is_disposed_meanwhile_says_so()
    {
        using OwnServers server = await OwnServers.StartAsync(1);
        server[0].Kill();
        RedlockFactory factory = RedlockFactory.Create(server[0].Endpoint);
        Task wait = factory.WaitUntilConnectedAsync(CancellationToken.None);
        factory.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.SoonAsync());
    }
}
