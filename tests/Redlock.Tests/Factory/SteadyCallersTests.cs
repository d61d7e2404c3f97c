using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// What befalls a server befalls callers that never pause, in both styles at once.
public sealed class SteadyCallersTests
{
    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.Unix)]
    public async Task A_server_that_comes_back_empty_serves_all_callers_again(Wire wire)
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = RedlockFactory.Create(wire == Wire.Unix ? servers[0].UnixEndpoint : servers[0].Endpoint);
        await Inspection.AllConnectedAsync(factory);

        // A name each: a server that forgets its keys excludes nobody.
        using SteadyCallers callers = SteadyCallers.Start(caller => $"door:{caller}", factory);
        for (int restart = 0; restart < 4; restart++)
        {
            await callers.MoreLocksAsync(10);
            await servers[0].RestartAsync(NodeData.Lose, TestContext.Current.CancellationToken);
        }

        await callers.MoreLocksAsync(10);
        await callers.StopAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task In_a_storm_of_killed_connections_two_factories_exclude_each_other_and_go_on(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        await using RedlockFactory nemesis = await servers.ConnectAllAsync();
        using SteadyCallers callers = SteadyCallers.Start(caller => $"door:{caller % 2}", one, other);
        for (int storm = 0; storm < 3; storm++)
        {
            await callers.MoreLocksAsync(1);
            for (int kill = 0; kill < 30; kill++)
            {
                // All connections but the one that asks for it.
                RespValue killed = await nemesis.Node(kill % nodes).SendAsync("CLIENT", "KILL", "TYPE", "normal");
                Assert.False(killed.IsError, killed.ToString());
                await Task.Delay(Random.Shared.Next(10), TestContext.Current.CancellationToken);
            }
        }

        await callers.MoreLocksAsync(10);
        await callers.StopAsync();
    }
}
