using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>
/// A name that moves, as at a failover or behind a load balancer: whoever stays on the server that was demoted never locks again.
/// </summary>
public class DemotedServerTests(SharedNodes shared)
{
    private static readonly TimeSpan _betweenDials = TimeSpan.FromMilliseconds(300);

    private static readonly RespNodeOptions _node = new() { MaxReconnectDelay = _betweenDials };

    [Theory]
    [InlineData(1, Style.Async)]
    [InlineData(1, Style.Blocking)]
    [InlineData(3, Style.Async)]
    [InlineData(3, Style.Blocking)]
    public async Task The_name_is_followed_to_the_server_that_took_over(int nodes, Style style)
    {
        using OwnServers servers = await OwnServers.StartAsync(2, new TempRedisOptions { Configuration = ["repl-diskless-sync-delay 0"] });
        TempName name = new(servers[0].Port);
        List<RespNode> connected = [new RespNode(name.Dialer, _node)];
        foreach (string endpoint in (await shared.EndpointsAsync(nodes))[1..])
        {
            connected.Add(RespNode.Connect(endpoint, _node));
        }

        try
        {
            using RedlockFactory factory = new(connected);
            await Inspection.AllConnectedAsync(factory);
            RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), MutexOptions.NonBlocking with
            {
                NodeTimeLimit = TimeSpan.FromSeconds(4),
                Quorum = nodes,
            });
            Calls calls = Calls.In(style) with { Token = CancellationToken.None };
            LockResult before = await calls.TryLockAsync(mutex);
            Assert.True(before.IsAcquired, string.Join('\n', mutex.LastAttemptByAnyone));
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, before.Token));

            await DemoteAsync(servers, connected[0]);
            long start = TimeProvider.System.GetTimestamp();
            int dialsBefore = name.Dials;
            await Eventually.Holds(async () =>
            {
                Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(mutex)).Status);
                Assert.Contains("READONLY", mutex.LastAttemptByAnyone[0].Error, StringComparison.Ordinal);
                return name.Dials > dialsBefore && TimeProvider.System.GetElapsedTime(start) > 3 * _betweenDials;
            }, "the name is dialed again");
            double periods = TimeProvider.System.GetElapsedTime(start) / _betweenDials;
            Assert.InRange(name.Dials - dialsBefore, 1, 1 + (int)periods);

            name.MoveTo(servers[1].Port);
            LockResult after = default;
            await Eventually.Holds(async () => (after = await calls.TryLockAsync(mutex)).IsAcquired, "the lock is taken on the new server");
            Assert.Equal(after.Token.Value, (await connected[0].SendAsync("GET", mutex.Name)).AsString());
            Assert.Equal("master", (await connected[0].SendAsync("ROLE")).Items[0].AsString());
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, after.Token));
        }
        finally
        {
            connected.ForEach(node => node.Dispose());
        }
    }

    private static async Task DemoteAsync(OwnServers servers, RespNode node)
    {
        Assert.Equal("OK", (await node.SendAsync(
            "REPLICAOF", "127.0.0.1", servers[1].Port.ToString(System.Globalization.CultureInfo.InvariantCulture))).AsString());
        await Eventually.Holds(async () => (await node.SendAsync("ROLE")).Items[3].AsString() == "connected", "it follows");
    }
}
