using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Worker;

/// <summary>One instance of the service: a host of its own with connections of its own, as if it were a process.</summary>
internal sealed class ServiceInstance : IAsyncDisposable
{
    private readonly IHost _host;

    private ServiceInstance(IHost host, Instance instance)
    {
        _host = host;
        Instance = instance;
    }

    public Instance Instance { get; }

    public static async Task<ServiceInstance> StartAsync(string name, IReadOnlyList<InMemoryNode> nodes, Scoreboard scoreboard)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        Instance instance = new(name);
        builder.Services.AddSingleton(instance);
        builder.Services.AddSingleton(scoreboard);
        builder.Services.AddRedlock(options =>
        {
            foreach (InMemoryNode node in nodes)
            {
                options.Nodes.Add(node.Endpoint);
            }

            // The expiry bounds the hand-over after a crash; renewal makes it harmless for a leader that is alive.
            options.Defaults.Expiry = TimeSpan.FromSeconds(2);
            options.Defaults.Delay = TimeSpan.FromMilliseconds(50);
            options.Defaults.RenewFraction = 1.0 / 3;
            options.Defaults.MaxHoldTime = TimeSpan.FromHours(1);
        });
        builder.Services.AddHostedService<LeaderWork>();
        IHost host = builder.Build();
        await host.StartAsync();
        return new ServiceInstance(host, instance);
    }

    /// <summary>Cuts the connections without a release, as the end of a process does.</summary>
    public void Kill()
    {
        RedlockFactory factory = _host.Services.GetRequiredService<RedlockFactory>();
        foreach (RespNode node in factory.Nodes.Cast<RespNode>())
        {
            node.Dispose();
        }

        factory.Dispose();
    }

    /// <summary>Ends in good order: the lock is released on the way.</summary>
    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
