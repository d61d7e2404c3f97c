namespace Redlock.Fast.Bench;

/// <summary>Other libraries' locks over TCP, with their own defaults, against this one's.</summary>
internal static class PeerSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        foreach (int nodes in (int[])[1, 3, 5])
        {
            string[] endpoints = servers.Endpoints("tcp", nodes);
            await using OwnClient own = await OwnClient.ConnectAsync(endpoints);
            await using RedLockNetClient redLockNet = await RedLockNetClient.ConnectAsync(endpoints);
            await using DistributedLockClient distributedLock = await DistributedLockClient.ConnectAsync(endpoints);
            List<LockClient> clients = [own, redLockNet, distributedLock];
            await using StackExchangeClient? stackExchange = nodes == 1 ? await StackExchangeClient.ConnectAsync(endpoints[0]) : null;
            if (stackExchange is not null)
            {
                clients.Add(stackExchange);
                clients.ForEach(client => report.Note($"`{client.Name}`: {client.Settings}"));
            }

            foreach (int inFlight in (int[])[1, 64])
            {
                await ClientComparison.RunAsync(report, $"peers.tcp.n{nodes}.c{inFlight}", clients, inFlight, quick);
            }
        }
    }
}
