using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>
/// How a leadership passes on between instances, each with connections of its own, over real servers. Nobody asks of itself for a minute:
/// so what passes on in less was told, or follows the expiry.
/// </summary>
[Trait("Waits", "long")]
public sealed class LeaderHandOverTests : IAsyncLifetime
{
    private const int Times = 20;
    private static readonly TimeSpan _expiry = TimeSpan.FromSeconds(1);

    private readonly List<TempRedis> _servers = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        InstalledRedis.Require();
        for (int server = 0; server < 3; server++)
        {
            _servers.Add(await TempRedis.StartAsync(cancellationToken: Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TempRedis server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public Task A_leader_that_stops_is_followed_at_once() => FollowAsync(host => host.StopAsync(Token));

    [Fact]
    public Task A_leader_that_dies_is_followed_when_its_expiry_is_over() => FollowAsync(host =>
    {
        foreach (RespNode node in host.Services.GetRequiredService<RedlockFactory>().Nodes.Cast<RespNode>())
        {
            node.Dispose();
        }

        return Task.CompletedTask;
    });

    private async Task FollowAsync(Func<IHost, Task> end)
    {
        List<double> took = [];
        IHost leader = await StartAsync();
        await ElectionOf(leader).WaitForTermAsync(Token).SoonAsync();
        for (int time = 0; time < Times; time++)
        {
            IHost next = await StartAsync();
            await Eventually.Holds(async () => (await WaitersAsync()) > 0);
            Task<LeaderTerm> waiting = ElectionOf(next).WaitForTermAsync(Token);
            long start = TimeProvider.System.GetTimestamp();
            Task ending = end(leader);
            await waiting.SoonAsync();
            took.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            await ending.SoonAsync();
            await ((IAsyncDisposable)leader).DisposeAsync();
            leader = next;
        }

        await ((IAsyncDisposable)leader).DisposeAsync();
        took.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"median {took[Times / 2]:0.0} ms, longest {took[^1]:0.0} ms"));
    }

    private static ILeaderElection ElectionOf(IHost host) => host.Services.GetRequiredService<ILeaderElection>();

    /// <summary>Who waits has told one of the servers, and listens there.</summary>
    private async Task<long> WaitersAsync()
    {
        long waiters = 0;
        foreach (TempRedis server in _servers)
        {
            await using RespNode onlooker = RespNode.Connect(server.Endpoint);
            waiters += (await onlooker.SendAsync("EXISTS", "{reports}:waiting")).Integer;
        }

        return waiters;
    }

    private async Task<IHost> StartAsync()
    {
        IHost host = Hosts.Build(services => services
            .AddRedlock(options =>
            {
                foreach (TempRedis server in _servers)
                {
                    options.Nodes.Add(server.Endpoint);
                }

                options.Defaults.Expiry = _expiry;
                options.Defaults.Delay = TimeSpan.FromMinutes(1);

                // A server that is late on a busy machine would be asked again a delay later.
                options.Defaults.NodeTimeLimit = 0.9 * _expiry;
                options.StartTimeLimit = Eventually.Patience;
            })
            .AddLeaderElection("reports"));
        await host.StartAsync(Token);
        return host;
    }
}
