using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>A lock that is kept while every server is restarted without its data, one after the other.</summary>
public class RollingRestartTests
{
    private static readonly TimeSpan _expiry = TimeSpan.FromSeconds(2);

    private static readonly RedlockOptions _factory = new()
    {
        RestartQuarantine = _expiry,
        Node = new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(200) },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // More rounds: torture's schedule of rolling restarts.
    [Fact]
    public Task It_is_never_lost_and_nobody_else_is_given_it() => Task.WhenAll(RollAsync(3, Numbers.None), RollAsync(5, Numbers.Fenced));

    // What it may not give it may be given.
    [Fact]
    public async Task A_node_in_quarantine_is_healed_too()
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = Connect(servers, 3, _factory with { RestartQuarantine = TimeSpan.FromHours(1) });
        using RedlockFactory believing = Connect(servers, 3, _factory with { RestartQuarantine = TimeSpan.Zero });
        await Inspection.AllConnectedAsync(factory);
        await Inspection.AllConnectedAsync(believing);
        string name = Inspection.NewName();
        LockToken held = (await believing.PatientMutex(name).LockAsync(Token)).Detach();
        RedlockMutex mutex = factory.PatientMutex(name);
        held = (await mutex.ExtendAsync(LockToken.Parse(held.Text), Token)).Token;
        await servers[2].RestartAsync(NodeData.Lose, Token);
        await Eventually.Holds(async () =>
        {
            held = (await mutex.ExtendAsync(held, Token)).Token;
            return await StoredAsync(factory, 2, name) == held.Value;
        });
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(held, Token));
        await Eventually.Holds(async () => await StoredAsync(factory, 2, name) is null);
    }

    private enum Numbers
    {
        None = 0,
        Fenced,
    }

    private static async Task RollAsync(int nodes, Numbers numbers)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        using RedlockFactory holder = Connect(servers, nodes, _factory);
        using RedlockFactory others = Connect(servers, nodes, _factory);
        string name = Inspection.NewName();
        MutexOptions options = MutexOptions.Blocking with { Expiry = _expiry, Fenced = numbers == Numbers.Fenced };
        RenewOptions always = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan);
        LockHandle held = await holder.CreateMutex(name, options with { Renew = always }).LockAsync(Token);
        CancellationToken lost = held.Lost;
        RedlockMutex mutex = others.CreateMutex(name, options with { Tries = 1 });
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<LockResult> other = TryOnAsync(mutex, ending.Token);
        for (int node = 0; node < nodes; node++)
        {
            servers[node].Kill();
            await Task.Delay(_expiry * 1.1, Token);
            await servers[node].RestartAsync(NodeData.Lose, Token);
            await Eventually.Holds(
                async () => lost.IsCancellationRequested || await StoredAsync(holder, node, name) == held.Token.Value,
                $"node {node} of {nodes} has it again");
            Assert.False(lost.IsCancellationRequested, $"lost behind the restart of node {node} of {nodes}");
            Assert.False(other.IsCompleted, $"given to two behind the restart of node {node} of {nodes}");
        }

        // Who tried all the while has it then.
        await held.DisposeAsync();
        LockResult next = await other.SoonAsync();
        Assert.True(next.IsAcquired);
        Assert.False(lost.IsCancellationRequested);
        Assert.True(numbers == Numbers.None || next.FencingToken > held.FencingToken, $"{next.FencingToken} behind {held.FencingToken}");
    }

    private static async Task<LockResult> TryOnAsync(RedlockMutex mutex, CancellationToken ending)
    {
        while (true)
        {
            LockResult result = await mutex.TryLockAsync(ending);
            if (result.IsAcquired)
            {
                return result;
            }

            await Task.Delay(5, ending);
        }
    }

    private static async Task<string?> StoredAsync(RedlockFactory factory, int node, string key)
    {
        try
        {
            return (await factory.Node(node).SendAsync("GET", key)).AsString();
        }
        catch (RespRequestException)
        {
            return "not connected";
        }
    }

    private static RedlockFactory Connect(OwnServers servers, int nodes, RedlockOptions options) =>
        RedlockFactory.Create(options, Enumerable.Range(0, nodes).Select(server => servers[server].Endpoint));
}
