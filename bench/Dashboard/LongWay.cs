namespace Redlock.Fast.Bench;

/// <summary>Servers that are as far away as a round trip says, and what passed on the way to them.</summary>
internal sealed class LongWay : IDisposable
{
    private readonly List<DelayingProxy> _proxies = [];

    public LongWay(Servers servers, int nodes, TimeSpan roundTrip)
    {
        for (int node = 0; node < nodes; node++)
        {
            _proxies.Add(new DelayingProxy(servers[node].Port, roundTrip));
        }
    }

    public long PassedBytes => _proxies.Sum(proxy => proxy.PassedBytes);

    /// <summary>A client of its own: what another one left behind does not stand in its way.</summary>
    public async Task<RedlockFactory> ConnectAsync()
    {
        RedlockFactory factory = RedlockFactory.Create(_proxies.Select(proxy => proxy.Endpoint));
        await factory.WaitUntilConnectedAsync();
        return factory;
    }

    public void Dispose() => _proxies.ForEach(proxy => proxy.Dispose());
}
